// Drafting: the editor, filling in a template, counting, autosave to the server and to this machine, the live self-check,
// uploads with progress. Without this file the form still saves and submits.
import { blanks } from './blanks.js'
import { uploads } from './upload.js'

const $ = (s, at = document) => at.querySelector(s)
const all = (s, at = document) => [...at.querySelectorAll(s)]
document.documentElement.classList.add('live') // what is not chosen folds away
const form = $('#draft'), body = $('#body'), saved = $('#saved')
const token = $('input[name=csrf]', form).value
const key = () => `qingyang.draft.${form.dataset.person}.${form.dataset.id === '0' ? 'new.' + form.elements.template.value : form.dataset.id}`

// The editor replaces the plain field where it could be built; the field stays the one that is sent.
let editor = null
import('../vendor/editor.js').then(({ mount }) => {
  const host = $('#editor')
  editor = mount(host, body, host.dataset.labels.split('|'))
  body.hidden = true
  body.required = false
}).catch(() => {})

blanks(form, html => editor ? editor.set(html) : (body.value = html))

const speed = 85 // dots a second on a strip

// Characters as people count them: one each, whatever their width.
const strip = t => {
  const text = t.value.trim() || ('strip' in t.dataset ? form.elements.title.value.trim() : '')
  const n = [...text].length, limit = +t.dataset.fit, cells = +t.dataset.wide
  const wide = [...text].reduce((s, c) => s + (c.codePointAt(0) >= 0x2000 ? 2 : 1), 0)
  const screens = cells > 0 ? Math.ceil(wide / (2 * cells)) : 0
  return { n, limit, over: n > limit, scrolls: screens > 1, cells, screens, seconds: Math.ceil((screens + 1) * +t.dataset.dots / speed) }
}
const count = () => {
  for (const t of all('[data-fit]', form)) {
    const p = $(`[data-fit-of="${t.name.slice(5)}"]`), f = strip(t)
    if (!p) continue
    p.classList.toggle('over', f.over)
    const { over, plain, scrolls, fits } = $('#outlets').dataset
    const words = (text, ...args) => text.replace(/\{(\d)\}/g, (_, i) => args[i])
    if (f.over) p.textContent = words(over, f.n, f.n - f.limit)
    else if (!f.cells) p.textContent = words(plain, f.n, f.limit)
    else if (f.scrolls) p.textContent = words(plain, f.n, f.limit) + words(scrolls, f.cells, f.screens, f.seconds)
    else p.textContent = words(fits, f.n, f.limit)
  }
  for (const o of all('.outlet')) o.classList.toggle('on', $('[name=channel]', o).checked)
}

// What is typed is on this machine within half a second and on the server a few seconds after the last key.
const fields = () => new URLSearchParams([...new FormData(form)].filter(([k, v]) => typeof v === 'string'))
const text = () => {
  const f = fields()
  for (const k of ['csrf', 'version', 'digest']) f.delete(k)
  return f.toString()
}
let sent = text(), dirty = false, busy = false, leaving = false, composing = false
let soon, later, looking

const say = (words, bad) => {
  saved.textContent = words
  saved.classList.toggle('bad', !!bad)
}
const stamp = ({ version, digest }) => {
  for (const i of all('input[name=version]')) i.value = version
  if (digest) $('#stamp [name=digest]').value = digest
}
const post = (url, data) => fetch(url, { method: 'POST', body: data, headers: { 'X-CSRF-Token': token }, redirect: 'error' })

export const save = async () => {
  if (busy || leaving || composing) return
  const now = text(), id = form.dataset.id
  if (now === sent) return
  busy = true
  say(saved.dataset.saving)
  const old = key()
  try {
    const r = await post(id === '0' ? '/items/autosave' : `/items/${id}/autosave`, fields())
    const answer = await r.json()
    if (r.ok) {
      sent = now
      if (id === '0') {
        form.dataset.id = answer.id
        form.action = `/items/${answer.id}/edit`
        history.replaceState(null, '', form.action)
        files()
      }
      stamp(answer)
      localStorage.removeItem(old)
      dirty = text() !== sent
      say(saved.dataset.done + answer.at)
    } else if (r.status === 422 && id === '0') say(saved.dataset.local)
    else say(saved.dataset.failed + answer.message, true)
  } catch {
    say(saved.dataset.failed, true)
  }
  busy = false
}

// An item that has just been created can take files: that part of its page is fetched.
const files = async () => {
  const page = new DOMParser().parseFromString(await (await fetch(form.action)).text(), 'text/html')
  const card = $('#files-card', page), forms = $('#aside-forms', page)
  if (!card || !forms) return
  $('#files-card').replaceWith(document.adoptNode(card))
  $('#aside-forms').replaceWith(document.adoptNode(forms))
  uploads(parts)
}

const keep = () => {
  try { localStorage.setItem(key(), JSON.stringify({ at: new Date().toISOString(), text: text() })) } catch {}
}
const look = async () => {
  const state = $('#scan-state')
  state.textContent = state.dataset.busy
  try {
    const r = await post('/items/check', fields())
    if (r.ok) $('#scan').innerHTML = await r.text()
  } catch {}
  state.textContent = state.dataset.idle
}
const touched = () => {
  count()
  dirty = text() !== sent
  clearTimeout(soon); clearTimeout(later); clearTimeout(looking)
  soon = setTimeout(keep, 400)
  later = setTimeout(save, 4000)
  looking = setTimeout(look, 1200)
}
form.addEventListener('input', touched)
form.addEventListener('compositionstart', () => { composing = true })
form.addEventListener('compositionend', () => { composing = false; touched() })
form.addEventListener('submit', e => {
  if (e.defaultPrevented) return
  leaving = true
  keep()
  sessionStorage.setItem('qingyang.sending', key()) // the copy goes once the server says that it has the text
})
addEventListener('beforeunload', e => { if (dirty && !leaving) { keep(); e.preventDefault() } })
document.addEventListener('visibilitychange', () => { if (document.hidden && dirty) { keep(); save() } })

// A copy on this machine that is newer than what the server has, and says something else, is offered.
const stored = () => { try { return JSON.parse(localStorage.getItem(key())) } catch { return null } }
const said = s => new URLSearchParams([...new URLSearchParams(s)].filter(([k]) => !/^(template$|blank\.|contest\.)/.test(k))).toString()
const restore = $('#restore'), copy = stored()
if (copy && said(copy.text) !== said(sent) && (!form.dataset.edited || copy.at > form.dataset.edited)) {
  restore.hidden = false
  $('time', restore).textContent = new Date(copy.at).toLocaleString()
  restore.addEventListener('click', e => {
    if ('restore' in e.target.dataset) {
      const f = new URLSearchParams(copy.text)
      for (const el of form.elements) {
        if (!el.name || el.type === 'hidden') continue
        if (el.type === 'checkbox') el.checked = f.getAll(el.name).includes(el.value)
        else if (f.has(el.name)) el.value = f.get(el.name)
      }
      editor?.set(body.value)
      touched()
    }
    if ('restore' in e.target.dataset || 'forget' in e.target.dataset) restore.hidden = true
    if ('forget' in e.target.dataset) localStorage.removeItem(key())
  })
} else if (copy && said(copy.text) === said(sent)) localStorage.removeItem(key())

const parts = { save, token, stamp, saving: () => text() !== sent }
uploads(parts)
count()
