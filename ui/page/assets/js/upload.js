// Attachments with progress: one file after another, each with the version that the last answer gave.
export function uploads({ save, token, stamp, saving }) {
  const card = document.querySelector('#files-card'), form = document.querySelector('#upload')
  if (!form) return
  const drop = card.querySelector('.drop'), input = card.querySelector('[type=file]'), bar = card.querySelector('progress')
  const list = document.querySelector('#files')
  card.querySelector('[form=upload].btn').parentElement.hidden = true // a chosen file is sent at once

  const send = file => new Promise(done => {
    const data = new FormData(), r = new XMLHttpRequest()
    data.append('csrf', token)
    data.append('version', form.elements.version.value)
    data.append('file', file)
    r.open('POST', form.action)
    r.setRequestHeader('HX-Request', 'true')
    r.setRequestHeader('X-CSRF-Token', token)
    r.upload.onprogress = e => { bar.value = e.total ? 100 * e.loaded / e.total : 0 }
    r.onloadend = () => {
      if (r.status === 200) {
        list.innerHTML = r.responseText
        stamp({ version: r.getResponseHeader('X-Version') })
      } else list.insertAdjacentHTML('beforeend', r.responseText || '')
      done()
    }
    bar.hidden = false
    r.send(data)
  })
  const take = async files => {
    if (saving()) await save()
    for (const f of files) await send(f)
    bar.hidden = true
    input.value = ''
  }
  input.addEventListener('change', () => take([...input.files]))
  for (const type of ['dragover', 'dragleave', 'drop']) {
    drop.addEventListener(type, e => {
      e.preventDefault()
      drop.classList.toggle('over', type === 'dragover')
      if (type === 'drop') take([...e.dataTransfer.files])
    })
  }
}
