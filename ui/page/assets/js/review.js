// The review page: findings and text light up together, keys choose and step, the decision opens when a choice is made.
const $ = (s, at = document) => at.querySelector(s)
const all = (s, at = document) => [...at.querySelectorAll(s)]
const form = $('#decision'), doc = $('#doc')

const light = n => {
  all('.on').forEach(e => e.classList.remove('on'))
  all(`mark[data-n="${n}"]`).forEach(e => e.classList.add('on'))
  $('#f' + n)?.classList.add('on')
}

let at = 0
const step = by => {
  const cards = all('.findings > li[id]')
  if (!cards.length) return
  at = at === 0 ? (by > 0 ? 1 : cards.length) : (at - 1 + by + cards.length) % cards.length + 1
  const card = cards[at - 1], n = card.id.slice(1), mark = $('#m' + n)
  light(n)
  card.scrollIntoView({ block: 'nearest' })
  mark?.scrollIntoView({ block: 'center' })
  ;(mark ? $('a', mark) : $('.n', card))?.focus({ preventScroll: true })
}

if (doc || $('.findings')) {
  for (const type of ['mouseover', 'focusin']) {
    document.addEventListener(type, e => {
      const mark = e.target.closest?.('mark[data-n]'), card = e.target.closest?.('.findings > li[id]')
      if (mark) light(mark.dataset.n)
      else if (card) light(card.id.slice(1))
    })
  }
}

const opened = () => form?.classList.remove('calm')
const write = () => {
  opened()
  $('#op, #rs', form)?.focus()
}

// What the chosen move asks for is shown and required; the rest is out of the way.
const fit = () => {
  if (!form) return
  const c = $('input[name=event]:checked', form), op = $('#op', form)
  const why = !!c && 'why' in c.dataset, say = !!c && 'op' in c.dataset
  form.classList.toggle('no-why', !!c && !why)
  for (const s of ['#rc', '#rs']) if ($(s, form)) $(s, form).required = why
  if (op) {
    op.required = say
    for (const e of [op, $('label[for=op]', form), $('.phrases', form)]) if (e) e.hidden = !!c && !say
  }
  for (const b of all('[data-for]', form)) b.hidden = !!c && b.dataset.for !== c.value
}

const choose = n => {
  const r = $(`input[data-key="${n}"]`, form)
  if (!r || r.disabled) return
  r.checked = true
  fit()
  write()
}

// The lit finding's answer, or the first that has none.
const judge = () => {
  const lit = at > 0 && $('.act [name=reason]', all('.findings > li[id]')[at - 1])
  const field = lit || $('.f:not(.ok) .act [name=reason], .fix .act [name=reason]') || $('.act [name=reason]')
  field?.closest('details')?.setAttribute('open', '')
  field?.focus()
}

// After a verdict the server sent new choices: keep what was chosen, and give every form the new version.
let kept = '', judged = ''
document.addEventListener('htmx:beforeSwap', e => {
  kept = $('input[name=event]:checked')?.value ?? ''
  judged = e.detail.target.contains(document.activeElement) ? e.detail.target.id : ''
  const status = e.detail.xhr.status
  if (status >= 400 && status !== 401) {
    e.detail.shouldSwap = false
    $('.htmx-fault')?.remove()
    const p = document.createElement('div')
    p.className = 'htmx-fault'
    p.innerHTML = e.detail.xhr.responseText
    e.detail.target.append(p)
  }
})
document.addEventListener('htmx:afterSettle', () => {
  const v = $('#stamp input[name=version]')?.value
  if (v) all('.act input[name=version]').forEach(i => { i.value = v })
  for (const card of all('.findings > li[id]')) {
    all(`mark[data-n="${card.id.slice(1)}"]`).forEach(m => m.classList.toggle('ok', !!$('.f.ok', card)))
  }
  if (judged) $('#' + judged + ' .n')?.focus({ preventScroll: true }) // the keys go on from here
  judged = ''
  const again = kept && $(`input[name=event][value="${kept}"]`)
  if (again && !again.disabled) again.checked = true
  fit()
})

document.addEventListener('keydown', e => {
  if (e.isComposing || e.keyCode === 229) return // a Chinese input method is at work: its keys are not ours
  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && form?.contains(document.activeElement)) {
    e.preventDefault()
    return form.requestSubmit()
  }
  const el = document.activeElement
  const busy = el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && el.type !== 'radio')
  if (busy || e.ctrlKey || e.altKey || e.metaKey || $('dialog[open]')) return
  const go = { j: () => step(1), k: () => step(-1) }
  if (form) Object.assign(go, { d: judge, 1: () => choose(1), 2: () => choose(2), 3: () => choose(3), e: write })
  const act = (doc || $('.findings')) && go[e.key.toLowerCase()]
  if (act) {
    e.preventDefault()
    act()
  }
})

if (form) {
  const op = $('#op', form)
  // Buttons alone until one is chosen, which leaves the room to the findings.
  if (!('typed' in form.dataset) && !$('input[name=event]:checked', form)) form.classList.add('calm')
  fit()
  if (/[?&]do=/.test(location.search)) write()
  $('.fault', form)?.scrollIntoView({ block: 'nearest' })
  // A session that ends while somebody writes costs nothing: the words wait in this tab until the decision is made.
  const kept = 'qingyang.words.' + location.pathname, words = () => all('textarea', form)
  if (new URLSearchParams(location.search).get('ok') === 'moved') sessionStorage.removeItem(kept)
  const left = 'typed' in form.dataset ? null : JSON.parse(sessionStorage.getItem(kept) ?? 'null')
  if (left && words().some(t => left[t.name] && left[t.name] !== t.value)) {
    for (const t of words()) if (left[t.name]) t.value = left[t.name]
    const chosen = left.event && $(`input[name=event][value="${left.event}"]`, form)
    if (chosen && !chosen.disabled) chosen.checked = true
    const p = document.createElement('p')
    p.className = 'note good'
    p.setAttribute('role', 'status')
    p.textContent = form.dataset.found
    form.prepend(p)
    opened()
    fit()
  }
  let dirty = false
  form.addEventListener('input', () => sessionStorage.setItem(kept, JSON.stringify({
    ...Object.fromEntries(words().map(t => [t.name, t.value])), event: $('input[name=event]:checked', form)?.value,
  })))
  form.addEventListener('change', () => { opened(); fit() })
  form.addEventListener('input', e => { if (e.target.matches('textarea')) dirty = true })
  form.addEventListener('submit', e => { if (!e.defaultPrevented) dirty = false })
  form.addEventListener('click', e => {
    const say = e.target.dataset?.say
    if (!say) return
    op.value = op.value.trim() === say || !op.value.trim() ? say : op.value + say
    op.focus()
    op.dispatchEvent(new Event('input', { bubbles: true }))
  })
  addEventListener('beforeunload', e => { if (dirty) e.preventDefault() })
  new IntersectionObserver(([x]) => document.body.classList.toggle('at-form', x.isIntersecting)).observe(form)
}
