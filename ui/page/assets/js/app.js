// Enhancement only: without this file every action still works as a plain link or form.
import './sure.js'
import './review.js'

const $ = (s, at = document) => at.querySelector(s)

// A narrow bar scrolls sideways; where one is stands in sight.
const here = $('.bar nav [aria-current]')
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 40

// Print buttons need a script, so they are hidden without one.
for (const b of document.querySelectorAll('[data-print]')) {
  b.hidden = false
  b.addEventListener('click', () => print())
}

// The server has what was sent: the copy on this machine goes.
const went = sessionStorage.getItem('qingyang.sending')
if (went && /^(saved|sent)$/.test(new URLSearchParams(location.search).get('ok'))) {
  localStorage.removeItem(went)
  sessionStorage.removeItem('qingyang.sending')
}

// While the system is at work on an item the page looks every two seconds, for two minutes, what came of it.
const waiting = $('[data-waits]')
let looks = 60
const look = async () => {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), 'text/html')
    if (!$('[data-waits]', page) && !$('dialog[open], input[type=radio]:checked')) return location.replace(location.pathname)
  } catch {}
  if (--looks) setTimeout(look, 2000)
}
if (waiting) setTimeout(look, 2000)

// Typed text of a person who signs out does not stay on the machine.
document.addEventListener('submit', e => {
  if (!e.target.matches('[data-leave]')) return
  for (const k of Object.keys(localStorage)) if (k.startsWith('qingyang.draft.')) localStorage.removeItem(k)
  sessionStorage.clear()
})

export const typing = () => {
  const el = document.activeElement
  return !!el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && !/^(radio|checkbox)$/.test(el.type))
}

document.addEventListener('keydown', e => {
  if (e.isComposing || e.keyCode === 229 || typing() || e.ctrlKey || e.altKey || e.metaKey) return
  if (e.key === '/' && $('.bar [type=search]')) {
    e.preventDefault()
    $('.bar [type=search]').focus()
  }
  if (e.key === '?' && $('#keys')) {
    e.preventDefault()
    $('#keys').showModal()
  }
})
