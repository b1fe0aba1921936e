// Asks once more before what hurts: a form, its button or the chosen decision names the consequence in data-sure.
const box = document.querySelector('#sure')
const agreed = new WeakSet()

const question = (form, button) => {
  const chosen = form.querySelector('input[type=radio]:checked')
  return button?.dataset.sure || form.dataset.sure || chosen?.dataset.sure || ''
}

document.addEventListener('submit', e => {
  const form = e.target, text = question(form, e.submitter)
  if (!text || agreed.has(form) || !box?.showModal || e.defaultPrevented) return
  e.preventDefault()
  e.stopPropagation()
  const button = e.submitter
  box.querySelector('p').textContent = text
  box.returnValue = ''
  box.addEventListener('close', () => {
    if (box.returnValue !== 'yes') return
    agreed.add(form)
    form.requestSubmit(button ?? undefined)
    agreed.delete(form)
  }, { once: true })
  box.showModal()
}, true)
