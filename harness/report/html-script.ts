// SPDX-License-Identifier: MIT
/**
 * Script of the HTML report: filter, order, and opening what a link points to. The filter lives in the
 * URL fragment (`#?q=…&status=…`), so that a view can be mailed.
 */
export const SCRIPT = `
(() => {
  const form = document.getElementById('filter');
  const rows = [...document.querySelectorAll('.matrix tr[data-s]')];
  const families = [...document.querySelectorAll('.family')];
  const bodies = new Map(rows.map((row) => [row, row.parentNode]));
  const { q, status, order } = form.elements;
  const count = form.querySelector('output');

  function apply() {
    const words = q.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.includes(word));
    const hit = new Set();
    let shown = 0;
    for (const row of rows) {
      const id = decodeURI(row.querySelector('a').hash.slice(1));
      const family = document.getElementById(id)?.closest('.family');
      const text = (row.textContent + ' ' + (words.length ? family?.dataset.q ?? '' : '')).toLowerCase();
      const match = has(text) && (!status.value || row.dataset.s.split(' ').includes(status.value));
      row.classList.toggle('off', !match);
      if (match) { shown++; hit.add(family); }
    }
    for (const family of families) family.hidden = !hit.has(family);
    count.value = words.length || status.value ? shown + ' of ' + rows.length + ' rows' : '';
    const list = order.value ? [...rows].sort((a, b) => a.dataset.w - b.dataset.w) : rows;
    for (const row of list) (order.value ? rows[0] && bodies.get(rows[0]) : bodies.get(row)).append(row);
    document.querySelector('.matrix').classList.toggle('flat', Boolean(order.value));
  }

  function store() {
    const state = new URLSearchParams();
    for (const field of [q, status, order]) if (field.value) state.set(field.name, field.value);
    history.replaceState(null, '', String(state) ? '#?' + state : location.pathname + location.search);
  }

  function read() {
    if (location.hash.startsWith('#?')) {
      const state = new URLSearchParams(location.hash.slice(2));
      for (const field of [q, status, order]) field.value = state.get(field.name) ?? '';
      apply();
      return;
    }
    let target = null;
    try { target = document.getElementById(decodeURI(location.hash.slice(1))); } catch { /* no fragment of ours */ }
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === 'DETAILS') { node.open = true; node.hidden = false; }
    }
    target?.scrollIntoView();
  }

  form.hidden = false;
  form.addEventListener('input', () => { apply(); store(); });
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', read);
  addEventListener('beforeprint', () => { for (const one of document.querySelectorAll('.bad')) one.open = true; });
  read();
})();
`;
