// Filling a template in: title, body, summary and strip follow the blanks as long as the author did not write there.
const escape = s => s.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`)

const spoken = el => {
  const v = el.value.trim(), day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(v)
  if (day) return `${+day[1]}年${+day[2]}月${+day[3]}日`
  return el.type === 'time' ? v.replace(/^0/, '') : v
}

export function blanks(form, setBody) {
  const box = form.querySelector('#blanks'), pattern = form.querySelector('#pattern')?.dataset
  if (!box) return
  const inputs = [...box.querySelectorAll('[data-blank]')]
  const fill = (text, html) => inputs.reduce((s, i) => {
    const v = spoken(i) || (i.dataset.optional ? '' : `【${i.dataset.slot}】`)
    if (!v) s = s.split(`{{.${i.dataset.blank}}}。`).join('')
    return s.split(`{{.${i.dataset.blank}}}`).join(html ? escape(v) : v)
  }, text)
  const targets = () => [
    [form.elements.title, pattern.title], [form.elements.summary, pattern.summary],
    ...[...form.querySelectorAll('[data-strip]')].map(t => [t, pattern.strip]),
  ]
  const last = new Map()
  let written = false
  const body = form.elements.body_html
  const year = box.querySelector('[data-blank=year]')
  const follow = () => {
    const day = inputs.find(i => i.type === 'date' && i.value)
    if (year && day && (!year.value || year.value === year.dataset.guess)) year.dataset.guess = year.value = day.value.slice(0, 4)
    for (const [el, text] of targets()) {
      if (last.has(el) && el.value !== last.get(el)) continue
      el.value = fill(text)
      last.set(el, el.value)
    }
    if (written) return
    setting = true
    setBody(fill(pattern.body, true))
    setting = false
  }
  let setting = false
  for (const [el] of targets()) last.set(el, el.value)
  body.addEventListener('input', () => { if (!setting) written = true })
  form.querySelector('#editor').addEventListener('keydown', () => { written = true })
  box.addEventListener('input', follow)
  box.querySelector('[name=do]').hidden = true
}
