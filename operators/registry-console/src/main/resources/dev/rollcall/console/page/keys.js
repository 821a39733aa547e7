// Keys: a tree that is read level by level, a search, and a key's value, followed live if wanted.
import { ask, changesAllowed, command, copy, get, go, html, live, nothing, number, post, redraw, repeat, size, state, toast } from './core.js';
import { atobHex } from './nodes.js';

let levels = new Map();
let open = new Set();
let selected = null;
let entry = null;
let form = 'auto';
let following = true;
let search = '';
let found = null;
let reading = false;
let stale = false;

// Where there is an index, its revision tells when to look again; elsewhere the clock does.
setInterval(() => { if (selected && following && !document.hidden && state.route[0] === 'keys' && !state.keys.roots.some(root => root.state === 'ready')) read(); }, 2000);

// A directory that somebody has named is shown where the user may not list the rest; other consoles that were at this address had other stores.
const denied = () => state.keys.roots.some(root => root.state === 'denied');
const roots = () => [...new Set([...state.keys.roots.map(root => root.directory), ...(denied() ? mine() : [])])];
const mine = () => JSON.parse(localStorage.getItem('rollcall-directories') ?? '[]');

export function openKeys(key) {
  if (key !== selected) {
    selected = key;
    entry = null;
    form = 'auto';
    if (key) {
      read();
      for (let at = key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1)) {
        expand(key.slice(0, at));
      }
    }
  }
}

async function read() {
  const wanted = selected;
  try {
    const answer = await get('key', { path: wanted });
    if (wanted === selected) {
      entry = answer;
    }
  } catch (e) {
    if (wanted === selected) {
      entry = { failure: e.message };
    }
  }
  redraw();
}

/** Reads what is directly below a directory, at least {@code least} of it, in pages. */
async function level(directory, least = 0) {
  try {
    let answer = await get('tree', { directory, after: '' });
    while (answer.more && answer.children.length < least) {
      const next = await get('tree', { directory, after: answer.children[answer.children.length - 1].name });
      answer = { ...next, children: [...answer.children, ...next.children] };
    }
    levels.set(directory, answer);
  } catch (e) {
    levels.set(directory, { children: [], failure: e.message });
  }
  redraw();
}

/** How many of a level are shown: who has asked for more keeps it. */
const shownOf = directory => levels.get(directory)?.children.length ?? 0;

function expand(directory) {
  if (!open.has(directory)) {
    open.add(directory);
    level(directory);
  }
}

export function onKeys(event) {
  const before = JSON.stringify(state.keys.roots.map(root => [root.state, root.revision]));
  state.keys = event;
  roots().forEach(expand);
  if (before !== JSON.stringify(event.roots.map(root => [root.state, root.revision]))) {
    refresh();
  }
}

/** Reads again what is shown; once at a time, however often something changes. */
async function refresh() {
  if (reading) {
    stale = true;
    return;
  }
  reading = true;
  await Promise.all([...open].filter(directory => visible(directory)).map(directory => level(directory, shownOf(directory))));
  if (selected && following) {
    await read();
  }
  setTimeout(() => { reading = false; if (stale) { stale = false; refresh(); } }, 500);
}

const visible = directory => {
  for (let at = directory.lastIndexOf('/'); at > 0; at = directory.lastIndexOf('/', at - 1)) {
    if (!open.has(directory.slice(0, at)) && !roots().includes(directory)) return false;
  }
  return true;
};

let timer = 0;
function onSearch(e) {
  search = e.target.value;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const wanted = search;
    try {
      const answer = wanted.trim() ? await get('search', { q: wanted }) : null;
      if (wanted === search) found = answer;
    } catch (problem) {
      toast(problem.message);
    }
    redraw();
  }, 120);
}

export function keysPage() {
  const total = state.keys.roots.reduce((sum, root) => sum + root.keys, 0);
  return html`
    <div class="bar">
      <h2>Keys</h2><span class="tag" id="key-count">${number(total)} keys</span>
      <span class="space"></span>
      <label class="sr" for="search">Search keys</label>
      <input id="search" type="search" placeholder="Search: words of the key" .value=${live(search)} @input=${onSearch}>
      ${changesAllowed() ? html`<button @click=${create} id="create">New key…</button>` : nothing}
    </div>
    <div class="keys">
      <div class="panel"><div class="scroll">${search.trim() ? results() : tree()}</div></div>
      <div class="panel">${selected ? value() : html`<div class="empty">Pick a key to see its value.</div>`}</div>
    </div>`;
}

function results() {
  if (!found) return html`<div class="empty">Searching…</div>`;
  return html`<div class="head dim" id="found">${number(found.total)} found${found.total > found.paths.length ? `, the first ${found.paths.length} shown` : ''}${found.whole ? '' : ', as far as this user may list'}</div>
    <div class="tree" role="list">${repeat(found.paths, path => path, path => html`<button role="listitem" class="${path === selected ? 'here' : ''}" @click=${() => go('keys', path)}><span class="label" title="${path}">${path}</span></button>`)}</div>`;
}

function tree() {
  return html`<div class="tree" role="tree" aria-label="Keys" @keydown=${onKey}>${roots().map(root => branch(root, root))}
    ${denied() ? html`<div class="details"><label for="directory">This user may not list ${state.keys.roots.filter(root => root.state === 'denied').map(root => root.directory).join(', ')}. A directory that it may read:</label>
      <form class="bar" @submit=${addDirectory}><input id="directory" name="directory" placeholder="/app" required><button>Show</button></form></div>` : nothing}</div>`;
}

/** Only what can be read is kept. */
async function addDirectory(e) {
  e.preventDefault();
  const input = e.target.querySelector('input');
  const directory = input.value.trim().replace(/(.)\/+$/, '$1');
  try {
    if ((await get('tree', { directory })).denied) {
      toast(`This user may not list ${directory} either.`);
      return;
    }
    localStorage.setItem('rollcall-directories', JSON.stringify([...new Set([...mine(), directory])]));
    input.value = '';
    expand(directory);
  } catch (problem) {
    toast(problem.message);
  }
  redraw();
}

function branch(directory, label) {
  const children = levels.get(directory);
  const isOpen = open.has(directory);
  return html`
    ${label === directory ? html`<button role="treeitem" aria-expanded="${isOpen}" data-path="${directory}" @click=${() => toggle(directory)}><span class="twist">${isOpen ? '▾' : '▸'}</span><span class="label">${directory}</span>${children && children.denied ? html`<span class="count">not readable</span>` : nothing}</button>` : nothing}
    ${isOpen && children ? html`<div class="kids" role="group">
      ${children.failure ? html`<div class="dim">${children.failure}</div>` : nothing}
      ${repeat(children.children, child => child.name, child => leaf(directory, child))}
      ${children.more ? html`<button class="more" @click=${() => level(directory, children.children.length + 1)}>… ${number(children.total - children.children.length)} more</button>` : nothing}
    </div>` : nothing}`;
}

function leaf(directory, child) {
  const path = (directory === '/' ? '' : directory) + '/' + child.name;
  const folder = child.below !== 0;
  const isKey = child.key !== false;
  const isOpen = open.has(path);
  return html`<button role="treeitem" data-path="${path}" class="${path === selected ? 'here' : ''}" aria-expanded=${folder ? isOpen : nothing} @click=${() => { if (isKey) go('keys', path); if (folder) toggle(path); }}>
      <span class="twist">${folder ? (isOpen ? '▾' : '▸') : ''}</span><span class="label ${isKey ? '' : 'dim'}" title="${path}">${child.name}${folder ? '/' : ''}</span>${child.below > 0 ? html`<span class="count">${number(child.below)}</span>` : nothing}</button>
    ${folder && isOpen ? branch(path, null) : nothing}`;
}

function toggle(directory) {
  if (open.has(directory)) {
    open.delete(directory);
    redraw();
  } else {
    expand(directory);
    redraw();
  }
}

/** As trees are operated everywhere: up and down, right opens, left closes. */
function onKey(e) {
  const items = [...e.currentTarget.querySelectorAll('button[role=treeitem]')];
  const at = items.indexOf(document.activeElement);
  if (at < 0) return;
  const path = items[at].dataset.path;
  if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
    e.preventDefault();
    items[Math.min(items.length - 1, Math.max(0, at + (e.key === 'ArrowDown' ? 1 : -1)))].focus();
  } else if ((e.key === 'ArrowRight' && !open.has(path) && items[at].hasAttribute('aria-expanded')) || (e.key === 'ArrowLeft' && open.has(path))) {
    toggle(path);
  }
}

function shown() {
  const value = entry.value;
  const which = form !== 'auto' ? form : value.json !== undefined ? 'json' : value.text !== undefined ? 'text' : 'hex';
  return [which, which === 'json' ? value.json ?? 'Not JSON.' : which === 'text' ? value.text ?? 'Not text.' : atobHex(value.base64)];
}

function value() {
  const parent = selected.slice(0, selected.lastIndexOf('/')) || '/';
  return html`<div class="head"><span class="name" title="${selected}">${selected}</span></div>
    <div class="details">${!entry ? html`<div class="dim">…</div>` : entry.failure ? html`<div class="note warn">${entry.failure}</div>` : !entry.present ? html`<div class="note warn" id="absent">This key is absent.</div>` : html`
      ${entry.warning && changesAllowed() ? html`<div class="note warn">${entry.warning}</div>` : nothing}
      <dl><dt>Revision</dt><dd id="revision">${number(entry.revision)}</dd><dt>Lease</dt><dd>${entry.leased ? 'leased: goes with its owner' : 'none'}</dd><dt>Size</dt><dd>${size(entry.value.size)}</dd></dl>
      <div class="bar"><span class="tabs" role="group" aria-label="Show as">${['json', 'text', 'hex'].map(which => html`<button aria-pressed="${shown()[0] === which}" @click=${() => { form = which; redraw(); }}>${which}</button>`)}</span>
        <button class="quiet" id="follow" aria-pressed="${following}" @click=${() => { following = !following; if (following) read(); redraw(); }}>${following ? '● live' : '○ follow live'}</button></div>
      <pre id="value">${shown()[1]}</pre>`}
      <div class="bar">
        <button id="copy" @click=${() => copy(command('get', selected))}>Copy get</button>
        <button @click=${() => copy(command('watch', parent))}>Copy watch</button>
        <span class="space"></span>
        ${changesAllowed() && entry && entry.present ? html`<button id="edit" @click=${edit}>Edit…</button><button id="copy-to" @click=${() => duplicate(false)}>Copy to…</button><button id="rename" @click=${() => duplicate(true)}>Rename…</button><button id="delete" class="danger" @click=${remove}>Delete…</button>` : nothing}
      </div></div>`;
}

// --- Changes: each on what was seen, so that nothing that came meanwhile is lost

/** In parts: a function takes some hundred thousand arguments at most, and a value has more bytes. */
function encoded(text) {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (let at = 0; at < bytes.length; at += 32768) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
  }
  return btoa(binary);
}

/** Whether it was done. */
async function attempt(what, body, done) {
  try {
    const answer = await post(what, body);
    toast(`${done} at revision ${number(answer.revision)}.`, 'plain');
    await refresh();
    return true;
  } catch (e) {
    toast(e.message);
    return false;
  } finally {
    if (selected) read();
  }
}

const warning = () => entry.warning ? html`<div class="note warn">${entry.warning}</div>` : nothing;

async function edit() {
  const seen = entry;
  if (seen.value.text === undefined) {
    toast('This value is no text and is not edited here: rollcall put takes a file.');
    return;
  }
  const text = seen.value.text;
  const windows = /\r\n/.test(text);
  if (windows ? /[^\r]\n|^\n|\r(?!\n)/.test(text) : text.includes('\r')) {
    toast('This value has line ends of several kinds, of which a page would make one kind, and is not edited here: rollcall put takes a file.');
    return;
  }
  const answer = await ask(`Change ${seen.key}`, html`${warning()}<label for="new-value">Its new value. It is written only if the key is still at revision ${number(seen.revision)}.</label><textarea id="new-value" name="value" .value=${seen.value.text}></textarea>`, 'Write');
  if (answer) await attempt('put', { key: seen.key, base64: bytes64(answer.value, windows), revision: seen.revision }, 'Written');
}

/** A form has line ends of its own, which become those of the value again. */
const bytes64 = (text, windows = false) => encoded(text.replace(/\r\n?/g, '\n').replaceAll('\n', windows ? '\r\n' : '\n'));

async function create() {
  const answer = await ask('New key', html`<label for="new-key">Key</label><input id="new-key" name="key" required placeholder="/app/config" .value=${selected ?? ''}><label for="new-value">Value</label><textarea id="new-value" name="value"></textarea>`, 'Create');
  if (answer && await attempt('put', { key: answer.key, base64: bytes64(answer.value), revision: 0 }, 'Created')) {
    go('keys', answer.key);
  }
}

async function duplicate(rename) {
  const seen = entry;
  const answer = await ask(rename ? `Rename ${seen.key}` : `Copy ${seen.key}`, html`${rename ? warning() : nothing}<label for="new-key">To a key that is absent${seen.leased ? '; the copy has no lease' : ''}</label><input id="new-key" name="to" required .value=${seen.key}>`, rename ? 'Rename' : 'Copy');
  if (answer && await attempt('copy', { key: seen.key, to: answer.to, revision: seen.revision, rename }, rename ? 'Renamed' : 'Copied')) {
    go('keys', answer.to);
  }
}

async function remove() {
  const seen = entry;
  const answer = await ask(`Delete ${seen.key}?`, html`${warning()}<p>It is deleted only if it is still at revision ${number(seen.revision)}. This cannot be undone.</p>`, 'Delete', true);
  if (answer) await attempt('delete', { key: seen.key, revision: seen.revision }, 'Deleted');
}
