// Nodes: a live table that draws only the rows in sight, and a node's record and story beside it.
import { ago, ask, changesAllowed, clock, command, copy, get, go, html, link, live, moment, nothing, number, post, redraw, repeat, size, state, toast } from './core.js';

const ROW = 32;

const REASONS = {
  CLAIMED: 'claimed', LEASED: 'leased', OWNER_GONE: 'owner gone', WRITTEN_SINCE: 'by its record', UNCLAIMED: 'by its record',
};
const WHY = {
  CLAIMED: 'its owner holds a claim on it',
  LEASED: 'its record has a lease',
  OWNER_GONE: 'its owner was closed or lost',
  WRITTEN_SINCE: 'others have written it since its owner has gone; its record says so',
  UNCLAIMED: 'nobody has claimed it; its record says so',
};
const COLUMNS = [
  ['id', 'Node', row => row.id],
  ['alive', 'Alive', row => row.alive ? 1 : 0],
  ['state', 'State', row => row.state ?? ''],
  ['host', 'Host', row => row.host ?? ''],
  ['score', 'Score', row => row.score ?? -Infinity],
  ['labels', 'Labels', row => row.text.labels],
  ['age', 'Age', row => -(row.appeared ?? 0)],
  ['changed', 'Last change', row => row.changed ?? 0],
  ['summary', 'Why', row => row.reason],
];

let kind = null;
let nodes = new Map();
let status = null;
let points = [];
let chart = null;
let sorted = null;
let since = 0;
let filter = '';
let only = 'all';
let order = { by: 'id', down: false };
let selected = null;
let details = null;
let viewport = 600;

export function openKind(name, nodeId) {
  if (name !== kind) {
    kind = name;
    nodes = new Map();
    status = null;
    points = [];
    chart = null;
    sorted = null;
    details = null;
    document.getElementById('table')?.scrollTo(0, 0);
  }
  if (nodeId !== selected) {
    selected = nodeId;
    details = null;
    load();
  }
}

async function load() {
  if (!selected || !kind) {
    return;
  }
  const wanted = selected;
  try {
    const found = await get('node', { kind, id: wanted });
    if (wanted === selected) {
      details = found;
    }
  } catch (e) {
    if (wanted === selected) {
      details = { failure: e.message };
    }
  }
  redraw();
}

export function onNodes(event) {
  if (event.full) {
    nodes = new Map();
    points = [];
    since = event.since;
    load();
  }
  for (const row of event.nodes ?? []) {
    row.text = { labels: row.labels ? Object.entries(row.labels).map(([name, value]) => `${name}=${value}`).join(' ') : '' };
    row.search = [row.id, row.state, row.host, row.text.labels, row.alive ? 'alive' : 'dead', REASONS[row.reason], row.summary].join('\n').toLowerCase();
    row.fresh = !event.full;
    nodes.set(row.id, row);
  }
  for (const id of event.gone ?? []) {
    nodes.delete(id);
  }
  if (event.full || (event.nodes ?? []).length + (event.gone ?? []).length > 0) {
    sorted = null;
    if (selected && !event.full && (event.nodes.some(row => row.id === selected) || event.gone.includes(selected))) {
      load();
    }
  }
  for (const point of event.alive ?? []) {
    if (points.length > 0 && points[points.length - 1][0] === point[0]) {
      points.pop();
    }
    points.push(point);
    chart = null;
  }
  status = event.status;
}

function rows() {
  if (sorted) {
    return sorted;
  }
  const words = filter.toLowerCase().split(/\s+/).filter(word => word);
  const value = COLUMNS.find(column => column[0] === order.by)[2];
  const found = [];
  for (const row of nodes.values()) {
    if ((only === 'all' || row.alive === (only === 'alive')) && words.every(word => row.search.includes(word))) {
      found.push(row);
    }
  }
  const sign = order.down ? -1 : 1;
  found.sort((a, b) => {
    const x = value(a), y = value(b);
    return (x < y ? -1 : x > y ? 1 : 0) * sign || (a.id < b.id ? -1 : 1);
  });
  sorted = found;
  return found;
}

function aliveChart() {
  if (!chart) {
    const times = points.map(point => point[0] / 1000);
    const shown = points.length === 0 ? [] : [...points, [Date.now(), points[points.length - 1][1], points[points.length - 1][2]]];
    chart = {
      times: shown.length === times.length ? times : [...times, Date.now() / 1000],
      series: [
        { label: 'all', values: shown.map(point => point[2]), colour: '--line', steps: true },
        { label: 'alive', values: shown.map(point => point[1]), colour: '--good', fill: '--good-bg', steps: true },
      ],
    };
  }
  return chart;
}

export function nodesPage() {
  if (!kind) {
    return html`<h2>Nodes</h2><div class="panel empty">No nodes yet. They appear here as soon as something registers in this store.<br>Registries of others than this library are named at the start: <code>--registry /root</code>.</div>`;
  }
  const kindName = kind.slice(kind.lastIndexOf(':') + 1);
  const found = rows();
  return html`
    <div class="bar">
      <h2>${kindName}</h2>
      ${status ? html`<span class="tag good"><b id="alive-count">${number(status.alive)}</b> alive</span>${status.total > status.alive ? html`<span class="tag bad">${number(status.total - status.alive)} dead</span>` : nothing}` : nothing}
      <span class="space"></span>
      <label class="sr" for="filter">Filter nodes</label>
      <input id="filter" type="search" placeholder="Filter: id, state, host, label…" .value=${live(filter)} @input=${e => { filter = e.target.value; sorted = null; redraw(); }}>
      <span class="tabs" role="group" aria-label="Which nodes">${['all', 'alive', 'dead'].map(which => html`<button aria-pressed="${only === which}" @click=${() => { only = which; sorted = null; redraw(); }}>${which}</button>`)}</span>
    </div>
    ${!status && state.connected && !state.kinds.some(known => known.name === kind) ? html`<div class="note warn" id="unknown-kind">There are no nodes of a kind ${kind}. They appear here as soon as one registers.</div>` : nothing}
    ${status && status.staleSince ? html`<div class="note warn" role="alert" id="stale">Stale since ${clock(status.staleSince)}: these are the nodes as they were last seen. ${status.failure ?? ''}</div>` : nothing}
    ${status && !status.ready ? html`<div class="note warn">Waiting for the store. ${status.failure ?? ''}</div>` : nothing}
    ${status && status.unreadableCount > 0 ? html`<details class="note warn"><summary>${number(status.unreadableCount)} ${status.unreadableCount === 1 ? 'entry is' : 'entries are'} no node</summary>${status.unreadable.map(entry => html`<div><a class="mono" href="${link('keys', entry.key)}">${entry.key}</a> ${entry.reason}</div>`)}</details>` : nothing}
    <div class="panel"><time-chart class="chart" role="img" aria-label="How many nodes were alive" .data=${aliveChart()}></time-chart></div>
    <div class="split ${selected ? 'open' : ''}" @keydown=${e => { if (e.key === 'Escape' && selected) go('nodes', kind); }}>
      <div class="panel">
        <div class="scroll" id="table" tabindex="0" role="region" aria-label="Nodes" @scroll=${redraw} @keydown=${onKey}>
          <div class="grid">
            <div class="row header">${COLUMNS.map(([name, label]) => html`<button class="${name === 'score' || name === 'age' ? 'num' : ''}" aria-label="Sort by ${label}" @click=${() => sortBy(name)}>${label}${order.by === name ? (order.down ? ' ↓' : ' ↑') : ''}</button>`)}</div>
            ${windowOf(found)}
          </div>
          ${status && status.ready && found.length === 0 ? html`<div class="empty">${nodes.size === 0 ? 'No nodes.' : 'No node passes the filter.'}</div>` : nothing}
        </div>
        <div class="head dim" id="shown">${number(found.length)}${found.length === nodes.size ? '' : ` of ${number(nodes.size)}`} ${nodes.size === 1 ? 'node' : 'nodes'}${since ? html` · followed since ${clock(since)}` : nothing}</div>
      </div>
      ${selected ? nodeDetails() : nothing}
    </div>`;
}

function windowOf(found) {
  const element = document.getElementById('table');
  viewport = element && element.clientHeight > 0 ? element.clientHeight : viewport;
  // Of the element that is there now: one that is made anew begins at its top.
  const scrollTop = element ? element.scrollTop : 0;
  const first = Math.max(0, Math.floor(scrollTop / ROW) - 8);
  const last = Math.min(found.length, Math.ceil((scrollTop + viewport) / ROW) + 8);
  return html`<div class="rows" .style=${`height:${found.length * ROW}px`}>${repeat(found.slice(first, last), row => row.id, (row, i) => html`
    <div class="row ${row.alive ? '' : 'dead'} ${row.fresh ? 'fresh' : ''} ${row.id === selected ? 'here' : ''}" data-id="${row.id}" .style=${`top:${(first + i) * ROW}px`} @click=${() => go('nodes', kind, row.id)}>
      <span class="name" title="${row.id}">${row.id}</span>
      <span><i class="dot ${row.alive ? 'good' : ''}"></i>${row.alive ? 'alive' : 'dead'}</span>
      <span>${row.state ?? ''}</span>
      <span class="mono" title="${row.host ?? ''}">${row.host ?? ''}</span>
      <span class="num">${row.score ?? ''}</span>
      <span title="${row.text.labels}">${row.text.labels}</span>
      <span class="num dim" title="${row.appeared ? `since ${moment(row.appeared)}` : 'there before the console looked'}">${row.appeared ? ago(row.appeared) : since ? `> ${ago(since)}` : ''}</span>
      <span class="dim">${row.changed ? clock(row.changed) : '–'}</span>
      <span class="dim" title="${WHY[row.reason]}">${REASONS[row.reason]}${row.summary ? html` · <span class="mono">${row.summary}</span>` : nothing}</span>
    </div>`)}</div>`;
}

function sortBy(name) {
  order = { by: name, down: order.by === name ? !order.down : name === 'changed' || name === 'score' };
  sorted = null;
  redraw();
}

function onKey(e) {
  const found = rows();
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[e.key];
  if (step && found.length > 0) {
    e.preventDefault();
    const at = found.findIndex(row => row.id === selected);
    const next = Math.min(found.length - 1, Math.max(0, at + step));
    const table = document.getElementById('table');
    if (next * ROW < table.scrollTop || (next + 3) * ROW > table.scrollTop + table.clientHeight) {
      table.scrollTop = Math.max(0, next * ROW - table.clientHeight / 2);
    }
    go('nodes', kind, found[next].id);
  }
}

const STORY = { joined: 'good', back: 'good', changed: '', left: 'warn', lost: 'bad', dead: 'bad', gone: 'bad' };

function nodeDetails() {
  return html`<aside class="panel" aria-label="Node" id="details">
    <div class="head"><span class="name">${selected}</span><span class="space"></span><button class="quiet" aria-label="Close" @click=${() => go('nodes', kind)}>✕</button></div>
    <div class="details">${details && details.failure ? html`<div class="note warn">${details.failure}</div>` : details ? html`
      ${details.present ? html`
      <dl>
        <dt>Alive</dt><dd><span class="tag ${details.alive ? 'good' : 'bad'}">${details.alive ? 'alive' : 'dead'}</span> ${details.why}</dd>
        ${details.usable ? nothing : html`<dt>Usable</dt><dd>takes no requests</dd>`}
        <dt>Record</dt><dd>${details.leased ? 'ephemeral: goes with its owner' : 'kept'}, revision ${number(details.revision)}, ${size(details.record.size)}</dd>
        <dt>Key</dt><dd><a class="mono" href="${link('keys', details.key)}">${details.key}</a></dd>
      </dl>
      <pre id="record">${details.record.json ?? details.record.text ?? atobHex(details.record.base64)}</pre>
      <div class="bar"><button @click=${() => copy(command('get', details.key))}>Copy command</button><span class="space"></span>
        ${changesAllowed() && (details.reason === 'CLAIMED' || details.reason === 'LEASED') ? ['pause', 'drain', 'remove'].map(what => html`<button class="${what === 'remove' ? 'danger' : ''}" data-request="${what}" @click=${() => request(what)}>${what}…</button>`) : nothing}</div>` : html`<div class="note warn">This node is not there.</div>`}
      <div><h3>Story</h3><ol class="story" id="story">
        ${[...details.story].reverse().map(event => html`<li><time title="${moment(event.at)}">${clock(event.at)}</time><span><span class="tag ${STORY[event.type]}">${event.type}</span></span><span>${event.text} <span class="dim">@${number(event.revision)}</span></span></li>`)}
        <li><time title="${moment(details.since)}">${clock(details.since)}</time><span></span><span class="dim">The console began to look.</span></li>
      </ol></div>` : html`<div class="dim">…</div>`}</div>
  </aside>`;
}

export function atobHex(base64) {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  const lines = [];
  for (let at = 0; at < bytes.length && at < 65536; at += 16) {
    const part = [...bytes.subarray(at, at + 16)];
    lines.push(at.toString(16).padStart(6, '0') + '  ' + part.map(b => b.toString(16).padStart(2, '0')).join(' ').padEnd(48) + ' ' + part.map(b => b > 31 && b < 127 ? String.fromCharCode(b) : '.').join(''));
  }
  return lines.join('\n') + (bytes.length > 65536 ? '\n…' : '');
}

const ASKED = {
  pause: 'It stops taking requests, and may go on later.',
  drain: 'It finishes what it has, and leaves for good.',
  remove: 'Its registration ends, and its record goes.',
};

/** The owner does it itself: what others write over a registration is undone. */
async function request(what) {
  const id = selected;
  const answer = await ask(`Ask ${id} to ${what}?`, html`<p>${ASKED[what]} Its owner is asked, and does it as if it had been asked there.</p>`, what, what === 'remove');
  if (answer) {
    try {
      await post('request', { kind, id, request: what });
      toast('Done.', 'plain');
    } catch (e) {
      toast(e.message);
    }
    load();
  }
}
