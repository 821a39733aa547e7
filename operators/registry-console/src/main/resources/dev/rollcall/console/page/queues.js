// Locks and elections: who holds, since when and under which token, and who waits.
import { ago, ask, changesAllowed, command, copy, html, link, moment, nothing, number, post, repeat, state, toast } from './core.js';

export function queuesPage() {
  const queues = state.queues;
  return html`
    <div class="bar"><h2>Locks and elections</h2>${queues ? html`<span class="tag">${number(queues.length)}</span>` : nothing}</div>
    ${!queues ? html`<div class="dim">…</div>` : queues.length === 0 ? html`<div class="panel empty">Nobody holds a lock or stands for an office.</div>` : html`
    <div class="cards">${repeat(queues, queue => queue.directory, card)}</div>`}`;
}

const since = place => {
  const at = Date.parse(place.since);
  return Number.isNaN(at) ? '–' : html`<span title="${moment(at)}">${ago(at)}</span>`;
};

function card(queue) {
  const holder = queue.places[0];
  return html`<section class="panel" aria-label="${queue.directory}">
    <div class="head"><a class="name" href="${link('keys', holder.key)}">${queue.directory}</a><span class="space"></span><span class="tag ${queue.waiting > 0 ? 'warn' : ''}">${queue.waiting === 0 ? 'nobody waits' : `${number(queue.waiting)} wait${queue.waiting === 1 ? 's' : ''}`}</span></div>
    <div class="body">
      <dl>
        <dt>Holder</dt><dd class="holder"><b>${holder.owner}</b></dd>
        <dt>Where</dt><dd>${holder.host ? html`${holder.host}, process ${holder.process}` : '–'}</dd>
        <dt title="By its own clock, from when it asked">In the queue</dt><dd>${since(holder)}</dd>
        <dt>Token</dt><dd class="mono">${number(holder.token)}</dd>
      </dl>
      <div class="bar"><button class="quiet" @click=${() => copy(command('watch', queue.directory))}>Copy watch</button>
      ${changesAllowed() ? html`<button class="danger" @click=${() => release(queue, holder)}>Release…</button>` : nothing}</div>
    </div>
    ${queue.places.length > 1 ? html`<table><thead><tr><th>Waiting</th><th>Where</th><th class="num">For</th></tr></thead><tbody>
      ${repeat(queue.places.slice(1), place => place.key, (place, i) => html`<tr><td>${i + 1}. ${place.owner}</td><td class="dim">${place.host}</td><td class="num">${since(place)}</td></tr>`)}
      ${queue.waiting + 1 > queue.places.length ? html`<tr><td colspan="3" class="dim">and ${number(queue.waiting + 1 - queue.places.length)} more</td></tr>` : nothing}</tbody></table>` : nothing}
  </section>`;
}

async function release(queue, holder) {
  const answer = await ask(`Release ${queue.directory}?`, html`<p><b>${holder.owner}</b> loses its turn ${number(holder.token)} at once, and ${queue.places.length > 1 ? html`<b>${queue.places[1].owner}</b> is next` : 'nobody is next'}. What it writes under its token is refused from then on; what it does elsewhere goes on until it notices.</p>`, 'Release', true);
  if (answer) {
    try {
      await post('delete', { key: holder.key, revision: holder.token });
      toast('Released.', 'plain');
    } catch (e) {
      toast(e.message);
    }
  }
}
