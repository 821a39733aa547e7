// The frame: header, navigation, and the page that the address names.
import { ago, follow, html, learn, link, mount, nothing, number, on, redraw, state, toast } from './core.js';
import './chart.js';
import { nodesPage, onNodes, openKind } from './nodes.js';
import { keysPage, onKeys, openKeys } from './keys.js';
import { queuesPage } from './queues.js';
import { onStore, storePage } from './store.js';

on('kinds', event => {
  state.kinds = event.kinds;
  if (state.route[0] === 'nodes' && !state.route[1] && event.kinds.length > 0) {
    location.replace(link('nodes', event.kinds[0].name));
  }
});
on('nodes', onNodes);
on('keys', onKeys);
on('queues', event => { state.queues = event.queues; });
on('store', onStore);

function topics() {
  switch (state.route[0]) {
    case 'nodes': return state.route[1] ? ['nodes:' + state.route[1]] : [];
    case 'keys': return ['keys'];
    case 'queues': return ['queues'];
    case 'store': return ['keys'];
    default: return [];
  }
}

/** A part of the address. What nobody has encoded is taken as it is. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function route() {
  const parts = location.hash.replace(/^#\//, '').split('/').filter(part => part !== '').map(decoded);
  if (!Object.hasOwn(pages, parts[0] ?? '')) {
    location.replace('#/nodes');
    return;
  }
  state.route = parts;
  if (state.route[0] === 'nodes') {
    openKind(state.route[1] ?? null, state.route[2] ?? null);
    if (!state.route[1] && state.kinds.length > 0) {
      location.replace(link('nodes', state.kinds[0].name));
    }
  } else if (state.route[0] === 'keys') {
    openKeys(state.route[1] ?? null);
  }
  const name = { nodes: 'Nodes', keys: 'Keys', queues: 'Locks and elections', store: 'Store' }[state.route[0]];
  document.title = `${name} · Rollcall`;
  follow(topics());
  redraw();
}

const pages = { nodes: nodesPage, keys: keysPage, queues: queuesPage, store: storePage };

function frame() {
  const connection = state.store.connection;
  const away = connection && connection.state !== 'CONNECTED';
  return html`
    <header>
      <a class="brand" href="#/nodes"><img src="icon.svg" alt="">Rollcall</a>
      <span class="store" title="The store">${state.about ? state.about.store : ''}</span>
      ${state.about && state.about.changesAllowed ? html`<span class="tag warn">changes allowed</span>` : html`<span class="tag">read-only</span>`}
      <span class="space"></span>
      <span class="facts">
        <span class="wide">revision ${state.store.revision ? number(state.store.revision) : '–'}</span>
        <span id="connection" class="tag ${!state.connected || away ? 'bad' : 'good'}">${!state.connected ? (state.everConnected ? 'console away' : 'connecting') : connection ? connection.state.toLowerCase() : '…'}</span>
      </span>
    </header>
    <nav aria-label="Pages">
      ${item('nodes', 'Nodes', null)}
      ${state.route[0] === 'nodes' ? kinds() : nothing}
      ${item('keys', 'Keys', null)}
      ${item('queues', 'Locks & elections', null)}
      ${item('store', 'Store', null)}
    </nav>
    <main id="main">
      <div class="page">
        ${state.refusal ? html`<div class="note bad" role="alert" id="console-full">${state.refusal} This page tries again by itself.</div>` : state.everConnected && !state.connected ? html`<div class="note bad" role="alert" id="console-away">The console's server does not answer${state.lostAt ? ` since ${new Date(state.lostAt).toLocaleTimeString([], { hour12: false })}` : ''}. What is shown is as of then; this page connects again by itself.</div>` : nothing}
        ${away && state.connected ? html`<div class="note bad" role="alert" id="store-away">The store is out of reach for ${ago(connection.since)}. ${connection.failure ?? ''}</div>` : nothing}
        ${pages[state.route[0]]()}
      </div>
    </main>
    ${state.toast ? html`<div class="note toast ${state.toast.kind === 'bad' ? 'bad' : 'panel'}" role="status">${state.toast.text}</div>` : nothing}`;
}

function item(page, label, count) {
  const here = state.route[0] === page;
  return html`<a class="${here && page !== 'nodes' ? 'here' : ''}" href="#/${page}" aria-current=${here ? 'page' : 'false'}>${label}${count === null ? nothing : html`<span class="count">${count}</span>`}</a>`;
}

function kinds() {
  const roots = Map.groupBy ? Map.groupBy(state.kinds, kind => kind.root) : new Map([['', state.kinds]]);
  return [...roots].map(([root, all]) => html`<div class="group" title="${root}">${root}</div>${all.map(kind => html`
    <a class="${state.route[1] === kind.name ? 'here' : ''}" href="${link('nodes', kind.name)}"><span>${kind.kind}</span><span class="count" title="alive of all">${number(kind.alive)} / ${number(kind.total)}</span></a>`)}`);
}

addEventListener('hashchange', route);
document.addEventListener('visibilitychange', () => follow(topics()));
// Times that go by are shown as such.
setInterval(redraw, 1000);
learn().catch(e => toast(e.message));
mount(frame);
route();
