// The store: its connection, how long reads take, how fast it changes, what it can do.
import { ago, changesAllowed, clock, html, millis, moment, nothing, number, post, redraw, size, state, toast } from './core.js';

let latency = null;
let rate = null;
let writes = null;
let measuring = false;

export function onStore(event) {
  const store = state.store;
  const samples = event.full ? [] : store.samples;
  for (const sample of event.samples ?? []) {
    samples.push(sample);
    if (sample[2] > 0) {
      store.revision = sample[2];
    }
  }
  samples.splice(0, Math.max(0, samples.length - 900));
  if (event.connection) {
    Object.assign(store, event);
  }
  store.samples = samples;
  latency = null;
  rate = null;
}

function charts() {
  if (!latency) {
    const samples = state.store.samples;
    latency = {
      times: samples.map(s => s[0] / 1000), least: 1,
      series: [{ label: 'read', values: samples.map(s => s[1] < 0 ? null : s[1] / 1000), colour: '--accent' }],
      label: value => `${value} ms`,
    };
    const between = [];
    for (let i = 1; i < samples.length; i++) {
      const [before, after] = [samples[i - 1], samples[i]];
      between.push([after[0] / 1000, before[2] > 0 && after[2] >= before[2] ? (after[2] - before[2]) / Math.max(0.001, (after[0] - before[0]) / 1000) : null]);
    }
    rate = { times: between.map(b => b[0]), least: 1, series: [{ label: 'revisions', values: between.map(b => b[1]), colour: '--good', fill: '--good-bg' }], label: value => `${value}/s` };
  }
}

const percentile = (values, p) => values.length === 0 ? null : [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];

export function storePage() {
  const store = state.store;
  if (!store.connection) {
    return html`<h2>Store</h2><div class="dim">…</div>`;
  }
  charts();
  const recent = store.samples.slice(-150).map(s => s[1]).filter(micros => micros >= 0);
  const rates = rate.series[0].values.slice(-15).filter(value => value !== null);
  const up = store.connection.state === 'CONNECTED';
  return html`
    <div class="bar"><h2>Store</h2><span class="mono">${store.name}</span></div>
    <div class="figures">
      <div class="panel figure"><b><i class="dot ${up ? 'good' : ''}"></i>${store.connection.state.toLowerCase()}</b><span>for ${ago(store.connection.since)}</span></div>
      <div class="panel figure"><b>${recent.length ? millis(percentile(recent, 0.5)) : '–'}</b><span>median read, linearizable, of ${recent.length}</span></div>
      <div class="panel figure"><b>${recent.length ? millis(percentile(recent, 0.99)) : '–'}</b><span>99th percentile</span></div>
      <div class="panel figure"><b>${rates.length ? (rates.reduce((a, b) => a + b, 0) / rates.length).toFixed(1) : '–'}</b><span>revisions per second</span></div>
      <div class="panel figure"><b>${store.revision ? number(store.revision) : '–'}</b><span>revision</span></div>
      ${changesAllowed() ? html`<div class="panel figure"><b id="write-latency">${writes ? millis(percentile(writes, 0.5)) : '–'}</b><span>median write <button class="quiet" id="measure" ?disabled=${measuring} @click=${measure}>measure 5</button></span></div>` : nothing}
    </div>
    ${problems(store)}
    <div class="cards">
      <section class="panel"><div class="head"><h3>Reads</h3><span class="dim">one every two seconds</span></div><time-chart class="chart tall" role="img" aria-label="How long reads took" .data=${latency}></time-chart></section>
      <section class="panel"><div class="head"><h3>Revisions per second</h3></div><time-chart class="chart tall" role="img" aria-label="Revisions per second" .data=${rate}></time-chart></section>
    </div>
    <div class="cards">
      <section class="panel"><div class="head"><h3>Connection</h3></div><table id="history"><tbody>${[...store.history].reverse().map(status => html`<tr><td class="dim" title="${moment(status.since)}">${clock(status.since)}</td><td><span class="tag ${status.state === 'CONNECTED' ? 'good' : 'bad'}">${status.state.toLowerCase()}</span></td><td>${status.state === 'CONNECTED' ? '' : status.failure ?? ''}</td></tr>`)}</tbody></table></section>
      <section class="panel"><div class="head"><h3>What it can do</h3></div><div class="body"><dl>
        <dt>Every revision delivered</dt><dd>${store.capabilities.includes('HISTORY') ? 'yes' : 'no: a watch may skip values that were replaced'}</dd>
        <dt>Keys below leased keys</dt><dd>${store.capabilities.includes('KEYS_BELOW_LEASED_KEYS') ? 'yes' : 'no'}</dd>
        <dt>Leases</dt><dd>${span(store.limits.shortestTtl)} to ${span(store.limits.longestTtl)}</dd>
        <dt>Longest key</dt><dd>${size(store.limits.keyBytes)}</dd>
        <dt>Largest value</dt><dd>${size(store.limits.valueBytes)}</dd>
        <dt>Transaction</dt><dd>${store.limits.txnWrites} writes, ${size(store.limits.txnBytes)}</dd>
        <dt>Keys</dt><dd>${state.keys.roots.map(root => html`${root.directory}: ${root.state === 'ready' ? number(root.keys) : root.state} `)}</dd>
      </dl></div></section>
    </div>`;
}

const span = ms => ms < 1000 ? `${ms} ms` : ms < 120000 ? `${ms / 1000} s` : ms < 7200000 ? `${Math.round(ms / 60000)} min` : ms < 172800000 ? `${Math.round(ms / 3600000)} h` : `${Math.round(ms / 86400000)} d`;

function problems(store) {
  const findings = store.findings ?? [];
  return html`${findings.map(finding => html`<div class="note finding ${{ ERROR: 'bad', WARNING: 'warn' }[finding.severity] ?? 'panel'}">${finding.what}${finding.wayOut ? html` <b>${finding.wayOut}</b>` : nothing}</div>`)}
    ${(store.members ?? []).length > 0 ? html`<section class="panel"><div class="head"><h3>Servers</h3></div><table id="members"><thead><tr><th>Name</th><th>Address</th><th>Role</th><th>Version</th><th>Answers</th></tr></thead><tbody>${store.members.map(member => html`
      <tr><td>${member.name}</td><td class="mono">${member.address}</td><td>${member.role.toLowerCase()}</td><td>${member.version ?? '–'}</td><td><span class="tag ${{ ANSWERED: 'good', SILENT: 'bad' }[member.contact] ?? ''}">${member.contact.toLowerCase().replace('_', ' ')}</span> ${member.note ?? ''}</td></tr>`)}</tbody></table></section>` : nothing}`;
}

async function measure() {
  measuring = true;
  redraw();
  try {
    writes = (await post('measure', {})).micros;
  } catch (e) {
    toast(e.message);
  }
  measuring = false;
  redraw();
}
