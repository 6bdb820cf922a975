"""The HTML report: one file that asks nothing of anybody. `page.css` and `page.js` are read by who calls."""
