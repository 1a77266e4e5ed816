// SPDX-License-Identifier: MIT
/**
 * Script of the HTML report: filter, keys, opening what the address points to, and small comforts. The address holds
 * what is shown: `#case-id`, `#?q=words`, or `#case-id?q=words`. Rows that do not match are greyed, never removed.
 */
export const SCRIPT = `
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const form = document.getElementById('filter');
  const keys = document.getElementById('keys');
  const { q, help } = form.elements;
  const count = form.querySelector('output');
  const folders = all('.folder');
  const subjects = all('.subjects b').map((head) => {
    const [, arch = head.title, at = '', target = ''] = /^(.*)@(.*)\\/(.*)$/.exec(head.title) || [];
    return { name: head.title, arch: arch.toLowerCase(), at, target };
  });
  const statuses = new Map();
  for (const row of all('.legend div')) {
    const cell = row.querySelector('b');
    if (cell.classList.length === 1) statuses.set(cell.className, [cell.textContent, row.querySelector('dd').textContent]);
  }
  let index = null;
  let words = [];

  // ---- filter

  function build() {
    return all('.family').map((family) => {
      const facts = {};
      for (const term of all(':scope > .body > .facts dt', family)) facts[term.textContent] = term.nextElementSibling.textContent.toLowerCase();
      const cases = all(':scope > .body > .case', family).map((one) => ({
        element: one, text: one.querySelector('.name').textContent.toLowerCase(), row: one.dataset.r || family.dataset.r, list: one.classList,
      }));
      return { element: family, facts, cases, text: (family.firstElementChild.textContent + ' ' + family.id + ' ' + Object.values(facts).join(' ')).toLowerCase(),
        row: family.dataset.r, list: family.classList };
    });
  }

  function parse(text) {
    return text.trim().split(/\\s+/).filter(Boolean).map((word) => {
      const not = word.length > 1 && word[0] === '-';
      const [, key = '', value = ''] = /^(\\w+):(.*)$/.exec(not ? word.slice(1) : word) || [];
      return { not, key: key.toLowerCase(), value: value.toLowerCase(), word: (not ? word.slice(1) : word).toLowerCase() };
    });
  }

  const ALIASES = { pass: 'p', fail: 'F', xfail: 'x', xpass: 'X', unsupported: 'u', skip: 's', timeout: 'T', crash: 'C', error: 'E', miss: 'M' };
  function letterOf(value) {
    for (const [letter, [letters]] of statuses) if (letters.toLowerCase() === value) return letter;
    return ALIASES[value] || '?';
  }

  /** arch:, at:, target: and status: hold of one subject together. */
  function onSubjects(row, list) {
    return [...row].some((letter, place) => {
      const subject = subjects[place];
      if (!subject || letter === '-') return false;
      const status = list.some(({ key }) => key === 'status');
      return list.every(({ key, value }) => {
        if (key === 'status') return value === 'failing' ? 'FXTCEM'.includes(letter) : letter === letterOf(value);
        if (key === 'target') return subject.target === value && (status || !'us'.includes(letter));
        if (key === 'at') return subject.at === value && (status || !'us'.includes(letter));
        return (subject.arch === value || subject.arch + '@' + subject.at === value) && (status || !'us'.includes(letter));
      });
    });
  }

  const PLACED = ['arch', 'at', 'target', 'status'];
  function matches(one, family) {
    const plain = words.filter(({ key, not }) => not || !PLACED.includes(key));
    const placed = words.filter(({ key, not }) => !not && PLACED.includes(key));
    const holds = ({ key, value, word }) => {
      if (word === 'failing' || word === 'bad') return one.list.contains('bad');
      if (word === 'differs') return one.list.contains('dif');
      if (PLACED.includes(key)) return onSubjects(one.row, [{ key, value }]);
      if (key === 'feature' || key === 'requires') return (family.facts.requires || '').split(/, /).includes(value);
      if (key === 'covers') return (family.facts.covers || '').includes(value);
      if (key === 'id') return one.text.includes(value);
      return one.text.includes(word) || family.text.includes(word);
    };
    return plain.every((word) => holds(word) !== word.not) && (placed.length === 0 || onSubjects(one.row, placed));
  }

  function apply() {
    words = parse(q.value);
    let shown = 0;
    let total = 0;
    const hits = new Map(folders.map((folder) => [folder, 0]));
    if (words.length > 0) {
      index = index || build();
      for (const family of index) {
        const inside = family.cases.map((one) => [one, matches(one, family)]);
        const hit = inside.length > 0 ? inside.some(([, yes]) => yes) : matches(family, family);
        for (const [one, yes] of inside) one.element.classList.toggle('off', !yes);
        family.element.classList.toggle('off', !hit);
        total += 1;
        if (hit) { shown += 1; hits.set(family.element.parentNode, hits.get(family.element.parentNode) + 1); }
      }
    } else for (const one of all('.off')) one.classList.remove('off');
    for (const [folder, found] of hits) {
      const off = words.length > 0 && found === 0;
      folder.classList.toggle('off', off);
      if (found > 0 && shown <= 60) folder.open = true;
      else if (off && !folder.classList.contains('bad')) folder.open = false;
    }
    count.value = words.length > 0 ? shown + ' of ' + total + ' rows' : '';
  }

  // ---- address

  let place = '';
  function store() {
    const state = q.value ? '?q=' + encodeURIComponent(q.value) : '';
    const hash = place || state ? '#' + encodeURI(place) + state : location.pathname + location.search;
    history.replaceState(null, '', hash);
  }

  function open(target) {
    for (let node = target.closest('details'); node; node = node.parentElement.closest('details')) node.open = true;
  }

  function read() {
    let [id, state = ''] = location.hash.slice(1).split('?');
    try { id = decodeURI(id); } catch { id = ''; }
    q.value = new URLSearchParams(state).get('q') || '';
    apply();
    const target = id && document.getElementById(id);
    if (!target) return;
    place = id;
    open(target);
    (target.closest('details') || target).scrollIntoView({ block: 'start' });
    const summary = target.closest('details');
    if (summary) summary.firstElementChild.focus({ preventScroll: true });
  }

  // ---- what opens

  document.addEventListener('toggle', ({ target }) => {
    if (!target.open) return;
    if (target.matches('.yaml')) colour(target.querySelector('pre'));
    for (const link of all('a.as', target)) {
      const list = document.getElementById(link.hash.slice(1));
      if (!list) continue;
      const copy = list.cloneNode(true);
      copy.removeAttribute('id');
      link.parentNode.replaceWith(copy);
    }
  }, true);

  document.addEventListener('click', ({ target }) => {
    const summary = target.closest('.tree summary');
    if (!summary || summary.parentNode.matches('.yaml')) return;
    const own = summary.parentNode;
    place = own.open ? '' : own.id;
    store();
  });

  function colour(pre) {
    if (pre.childElementCount > 0) return;
    const lines = pre.textContent.split('\\n').flatMap((line, at) => {
      const start = at > 0 ? ['\\n'] : [];
      const part = (name, text) => { const element = document.createElement(name); element.textContent = text; return element; };
      if (/^\\s*#/.test(line)) return [...start, part('i', line)];
      const [, indent = '', key = '', rest = ''] = /^(\\s*(?:- )*)([\\w.-]+:)(.*)$/.exec(line) || [];
      return key ? [...start, indent, part('b', key), rest] : [...start, line];
    });
    pre.replaceChildren(...lines);
  }

  document.querySelector('.tree').addEventListener('mouseover', ({ target }) => {
    const cell = target.closest('.cells > b');
    if (!cell || cell.title || cell.closest('.heads')) return;
    const at = [...cell.parentNode.children].indexOf(cell);
    const [, meaning = 'not run'] = statuses.get(cell.classList[0]) || [];
    cell.title = subjects[at].name + ': ' + (cell.closest('.folder > summary') ? cell.textContent : meaning + (cell.classList.contains('d') ? '; known divergence' : ''));
  });

  // ---- keys

  /** Rows that are seen and match, in order. */
  function rows() {
    const list = [];
    for (const folder of folders) {
      if (!folder.classList.contains('off')) list.push(folder);
      if (!folder.open) continue;
      for (const family of all(':scope > .family', folder)) {
        if (!family.classList.contains('off')) list.push(family);
        if (family.open) list.push(...all(':scope > .body > .case:not(.off)', family));
      }
    }
    return list;
  }

  const current = () => document.activeElement && document.activeElement.closest('.tree details:not(.yaml)');

  function go(list, step) {
    const from = current();
    let at = list.indexOf(from);
    if (at < 0 && from) {
      const after = list.findIndex((one) => from.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
      at = after < 0 ? list.length : step > 0 ? after - 1 : after;
    } else if (at < 0 && step < 0) at = list.length;
    const to = list[at + step];
    if (to) { open(to.parentElement); to.firstElementChild.focus(); to.firstElementChild.scrollIntoView({ block: 'nearest' }); }
  }

  function toggle(one, to) {
    if (one.open === to) return false;
    one.firstElementChild.click();
    return true;
  }

  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.target === q) {
      if (event.key === 'Escape') { q.value = ''; apply(); store(); q.blur(); }
      else if (event.key === 'Enter') { q.blur(); go(rows(), 1); }
      else return;
      event.preventDefault();
      return;
    }
    const one = current();
    const bad = () => all('.family.bad, .case.bad').filter((row) => !row.classList.contains('off') && !row.querySelector('.case.bad'));
    const act = {
      '/': () => { q.focus(); q.select(); },
      '?': () => keys.showModal(),
      j: () => go(rows(), 1),
      k: () => go(rows(), -1),
      n: () => go(bad(), 1),
      N: () => go(bad(), -1),
      ArrowRight: () => one && (toggle(one, true) || go(rows(), 1)),
      ArrowLeft: () => {
        if (!one || toggle(one, false)) return;
        const parent = one.parentElement.closest('.tree details');
        if (parent) parent.firstElementChild.focus();
      },
    }[event.key];
    if (!act || (event.key.startsWith('Arrow') && !one)) return;
    event.preventDefault();
    act();
  });

  form.hidden = false;
  form.addEventListener('input', () => { apply(); store(); });
  form.addEventListener('submit', (event) => event.preventDefault());
  help.addEventListener('click', () => keys.showModal());
  addEventListener('hashchange', read);
  read();
})();
`;
