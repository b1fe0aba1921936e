// The player of a screen: asks for the playlist every three seconds and shows its pages one after another. When nothing is
// to be shown, or the lease has ended without the server, it shows the neutral picture and nothing else.
const stage = document.getElementById('stage')
const neutral = document.getElementById('neutral')
const { kind } = document.body.dataset
const width = Number(document.body.dataset.width)
const height = Number(document.body.dataset.height)
const house = neutral.textContent
const memory = `sequence ${location.pathname}`

let tag = ''
let list = null
let deadline = 0 // on the clock that nobody sets: performance.now()
let offset = 0 // of the server's clock
let shown = null // the page on the screen
let since = 0
let told = ''

function fit() {
  const scale = Math.min(innerWidth / width, innerHeight / height)
  stage.style.width = `${width * scale}px`
  stage.style.height = `${height * scale}px`
}

function highest() {
  try { return Number(localStorage.getItem(memory)) || 0 } catch { return 0 }
}

function remember(sequence) {
  try { localStorage.setItem(memory, String(sequence)) } catch { /* a screen without storage forgets at a restart */ }
}

async function ask(url, headers) {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), 2500)
  try { return await fetch(url, { headers, cache: 'no-store', signal: stop.signal }) } finally { clearTimeout(timer) }
}

async function poll() {
  try {
    const answer = await ask('playlist.json', tag ? { 'If-None-Match': tag } : {})
    if (answer.status === 200) {
      const got = (await answer.json()).playlist
      const now = Date.parse(answer.headers.get('Date'))
      if (got.sequence >= highest()) {
        remember(got.sequence)
        tag = answer.headers.get('ETag') || ''
        list = got
        offset = now - Date.now()
        deadline = performance.now() + Date.parse(got.lease) - now
      }
    } else if (answer.status >= 400 && answer.status < 500) { // the key was withdrawn
      deadline = 0
    }
  } catch { /* unreachable: the lease decides */ }
  await tick()
  setTimeout(poll, 3000)
}

function due() {
  if (!list || performance.now() > deadline || list.state !== 'live') return []
  const now = Date.now() + offset
  return list.items
    .filter(i => Date.parse(i.from) <= now && (!i.until || now < Date.parse(i.until)))
    .flatMap(i => i.pages.map(p => ({ ...p, number: i.number, digest: i.digest })))
}

function dark() {
  shown = null
  stage.replaceChildren()
  neutral.textContent = list && list.state !== 'live' && performance.now() <= deadline ? list.message : house
  neutral.hidden = false
}

function report(pages) {
  const showing = [...new Map(pages.map(p => [p.number, { number: p.number, digest: p.digest }])).values()]
  const body = JSON.stringify({ sequence: list ? list.sequence : 0, showing })
  const what = JSON.stringify(showing)
  if (what === told) return
  told = what
  fetch('receipts', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }).catch(() => { told = '' })
}

// A page is only put on the screen when it is the stored one: the browser's own error page is not.
function show(page) {
  const frame = document.createElement('iframe')
  frame.setAttribute('sandbox', 'allow-same-origin')
  frame.src = page.url
  frame.addEventListener('load', () => {
    let whole = false
    try { whole = !!frame.contentDocument.querySelector('main') } catch { whole = false }
    if (shown !== page) return frame.remove()
    if (!whole) return dark()
    neutral.hidden = true
    frame.className = 'on'
    setTimeout(() => { for (const f of [...stage.children]) if (f !== frame && shown === page) f.remove() }, 500)
    report([page])
  })
  shown = page
  since = performance.now()
  stage.append(frame)
}

function turn() {
  const pages = due()
  if (pages.length === 0) return dark()
  const at = shown ? pages.findIndex(p => p.url === shown.url && p.number === shown.number) : -1
  if (at < 0) {
    if (shown) dark() // what is on the screen is no longer wanted: it goes before the next one comes
    return show(pages[0])
  }
  if (pages.length > 1 && performance.now() - since > pages[at].seconds * 1000) show(pages[(at + 1) % pages.length])
}

let strip = null
let stripTag = ''

async function led() {
  const pages = due()
  const halted = list && list.state !== 'live' && performance.now() <= deadline
  if (pages.length === 0 && !halted) {
    strip = null
    stripTag = ''
    return dark()
  }
  const wanted = `${list.state} ${pages.map(p => p.sha256)}`
  if (wanted === stripTag) return
  strip = null
  try {
    const answer = await ask('current.png', {})
    if (!answer.ok) return
    strip = await createImageBitmap(await answer.blob())
    stripTag = wanted
    neutral.hidden = true
    report(pages)
  } catch { /* dark until it can be read */ }
}

function scroll() {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const c = canvas.getContext('2d')
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const draw = t => {
    if (!canvas.isConnected) stage.replaceChildren(canvas)
    c.fillStyle = '#000'
    c.fillRect(0, 0, width, height)
    if (strip) {
      const turnWidth = strip.width > width ? strip.width + width / 2 : 0
      const x = turnWidth && !still ? (t / 1000 * 60) % turnWidth : 0
      c.drawImage(strip, -Math.round(x), 0)
      if (turnWidth && !still) c.drawImage(strip, turnWidth - Math.round(x), 0)
    }
    requestAnimationFrame(draw)
  }
  requestAnimationFrame(draw)
}

async function tick() {
  if (kind === 'led') await led()
  else turn()
}

addEventListener('resize', fit)
fit()
if (kind === 'led') scroll()
setInterval(tick, 500)
poll()
