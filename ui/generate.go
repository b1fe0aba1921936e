// Package ui mounts the faces of the program: pages, API, screens. Its own scripts and styles are in the repository; the two
// third-party bundles are made here, into a folder that git ignores, and the pages work without them.
package ui

//go:generate npm ci --ignore-scripts --no-audit --no-fund
//go:generate go tool esbuild htmx.js editor.js --bundle --minify --format=esm --target=chrome88 --legal-comments=linked --outdir=page/assets/vendor --log-level=warning
