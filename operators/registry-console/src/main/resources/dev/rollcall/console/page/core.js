// What all pages share: the state, drawing, requests, and the one stream of events.
import { html, render, nothing } from './lib/lit-html/lit-html.js';
import { repeat } from './lib/lit-html/directives/repeat.js';
import { live } from './lib/lit-html/directives/live.js';

export { html, nothing, repeat, live };

export const state = {
  about: null, connected: false, everConnected: false, lostAt: 0, refusal: null,
  kinds: [], keys: { roots: [] }, queues: null, store: { samples: [], history: [] },
  kind: null, route: ['nodes'], toast: null,
};

// --- Drawing: at most once a frame, however much has changed

let view = () => nothing;
let scheduled = false;

export function mount(draw) {
  view = draw;
  redraw();
}

export function redraw() {
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      render(view(), document.getElementById('app'));
    });
  }
}

export function toast(text, kind = 'bad') {
  state.toast = { text, kind };
  redraw();
  const mine = state.toast;
  setTimeout(() => { if (state.toast === mine) { state.toast = null; redraw(); } }, 8000);
}

// --- Requests

async function answer(response) {
  if (response.status === 401) {
    location.reload();
  }
  const body = await response.json().catch(() => ({ error: `The console answered ${response.status}.` }));
  if (!response.ok) {
    throw Object.assign(new Error(body.error), body);
  }
  return body;
}

export async function get(what, parameters = {}) {
  return answer(await fetch(`api/${what}?${new URLSearchParams(parameters)}`));
}

export async function post(what, body) {
  return answer(await fetch(`api/${what}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Rollcall-Console': '1' },
    body: JSON.stringify(body),
  }));
}

/** Reads which store it is, and whether it may be changed. */
export async function learn() {
  state.about = await get('about');
  redraw();
}

// --- Events: one stream, with the topics of the page that is shown; none while nobody looks, as browsers open only six connections to a host

let source = null;
let following = '';
const handlers = {};

export function on(event, handler) {
  handlers[event] = handler;
}

export function follow(topics) {
  const wanted = document.hidden ? '' : ['kinds', 'store', ...topics].join('\n');
  if (wanted === following && (wanted === '' || (source && source.readyState !== EventSource.CLOSED))) {
    return;
  }
  following = wanted;
  if (source) {
    source.close();
    source = null;
  }
  if (wanted === '') {
    return;
  }
  const query = wanted.split('\n').map(topic => 'topic=' + encodeURIComponent(topic)).join('&');
  const mine = new EventSource('api/events?' + query);
  source = mine;
  mine.onopen = () => {
    // The console may have been started again, with other options.
    if (state.everConnected && !state.connected) {
      learn().catch(() => {});
    }
    state.connected = true;
    state.everConnected = true;
    state.refusal = null;
    redraw();
  };
  mine.onerror = () => {
    if (source !== mine) {
      return;
    }
    if (state.connected) {
      state.lostAt = Date.now();
    }
    state.connected = false;
    redraw();
    // A browser tries again by itself, unless the answer was no stream at all: then it may be the token that is missing, which this finds out.
    if (mine.readyState === EventSource.CLOSED) {
      learn().catch(() => {});
      explain(mine).catch(() => {});
      setTimeout(() => { if (source === mine) { const same = following; following = ''; follow(same.split('\n').slice(2)); } }, 2000);
    }
  };
  for (const [event, handler] of Object.entries(handlers)) {
    mine.addEventListener(event, message => { handler(JSON.parse(message.data)); redraw(); });
  }
}

/** Why there is no stream: an EventSource does not tell what the console answered to it, a request does. */
async function explain(refused) {
  const request = new AbortController();
  const response = await fetch(refused.url, { signal: request.signal });
  if (response.ok) {
    request.abort();
  } else if (source === refused) {
    state.refusal = (await response.json()).error;
    redraw();
  }
}

// --- Text

export const clock = ms => new Date(ms).toLocaleTimeString([], { hour12: false });
export const moment = ms => new Date(ms).toLocaleString([], { hour12: false });
export const number = n => n.toLocaleString('en');

export function ago(ms) {
  const s = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s % 86400 / 3600)} h`;
}

export const millis = micros => micros < 1000 ? `${micros} µs` : `${(micros / 1000).toFixed(micros < 10000 ? 2 : 1)} ms`;

export function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;
}

/** For a shell: in single quotes, whatever it holds. */
export const quoted = text => /^[A-Za-z0-9_\/.:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

export function command(verb, ...words) {
  const backend = state.about && state.about.backendUrl ? `--backend ${quoted(state.about.backendUrl)} ` : '';
  return `rollcall ${verb} ${backend}${words.map(quoted).join(' ')}`.trim();
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copied: ' + text, 'plain');
  } catch {
    toast(text, 'plain');
  }
}

export const changesAllowed = () => Boolean(state.about && state.about.changesAllowed);
export const go = (...parts) => { location.hash = '#/' + parts.map(encodeURIComponent).join('/'); };
export const link = (...parts) => '#/' + parts.map(encodeURIComponent).join('/');

/** A question before a change; gives what the form holds, or null. Enter is the answer, and not Cancel, which stands first. */
export function ask(title, body, confirm, danger = false) {
  return new Promise(resolve => {
    const dialog = document.createElement('dialog');
    dialog.setAttribute('aria-label', title);
    render(html`<form method="dialog">
      <h2>${title}</h2>${body}
      <div class="bar"><button type="button" @click=${() => dialog.close('')}>Cancel</button><button class="${danger ? 'danger' : 'primary'}" value="yes" data-confirm>${confirm}</button></div>
    </form>`, dialog);
    // It is about the page that was left.
    const leave = () => dialog.close('');
    addEventListener('hashchange', leave);
    dialog.addEventListener('close', () => {
      removeEventListener('hashchange', leave);
      resolve(dialog.returnValue === 'yes' ? Object.fromEntries(new FormData(dialog.querySelector('form'))) : null);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
    // Without a field the browser would begin at Cancel, which is right for what destroys something.
    if (!danger && !dialog.querySelector('input, textarea')) {
      dialog.querySelector('[data-confirm]').focus();
    }
  });
}
