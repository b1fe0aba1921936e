// htmx, pinned: forms swap parts of the page instead of reloading it. Every form works without it.
import htmx from 'htmx.org'

window.htmx = htmx
