// The conversation on the screen.

import { renderInto } from './markdown.js';

const scroller = document.getElementById('scroller');
const conversation = document.getElementById('conversation');
const welcome = document.getElementById('welcome');
const jump = document.getElementById('jump');

function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

function make(name, className, ...children) {
  const node = document.createElement(name);
  node.className = className;
  node.append(...children);
  return node;
}

function actionButton(name, label, action) {
  const button = make('button', 'action', icon(name), make('span', 'label', label));
  button.type = 'button';
  button.addEventListener('click', () => action(button));
  return button;
}

/** Puts text on the clipboard and says so on the button for a moment. */
export async function copyFrom(button, text) {
  const label = button.querySelector('.label') ?? button;
  const before = label.dataset.text ?? label.textContent;
  label.dataset.text = before;
  try {
    await navigator.clipboard.writeText(text);
    label.textContent = 'Copied';
  } catch {
    label.textContent = 'Not permitted';
  }
  setTimeout(() => {
    label.textContent = before;
  }, 1600);
}

conversation.addEventListener('click', event => {
  const button = event.target.closest('.copy-code');
  if (button) {
    copyFrom(button, button.closest('.code').querySelector('code').textContent);
  }
});

// ---- following the newest line

let following = true;

function nearEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
}

scroller.addEventListener('scroll', () => {
  following = nearEnd();
  jump.hidden = following;
}, { passive: true });

export function scrollToEnd() {
  following = true;
  jump.hidden = true;
  scroller.scrollTop = scroller.scrollHeight;
}

function follow() {
  if (following) {
    scroller.scrollTop = scroller.scrollHeight;
  } else {
    jump.hidden = false;
  }
}

jump.addEventListener('click', () => {
  scrollToEnd();
  document.getElementById('prompt').focus();
});

// ---- messages

export function clear() {
  conversation.replaceChildren();
  welcome.hidden = false;
}

export function addQuestion(text) {
  welcome.hidden = true;
  const bubble = make('div', 'bubble', text);
  const item = make('li', 'question', make('span', 'unseen', 'You wrote: '), bubble);
  conversation.append(item);
  return item;
}

function seconds(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** "38.2 tokens/s · first token 120 ms · 64 tokens" of what is known. */
export function describe(stats) {
  const parts = [];
  if (stats.rate > 0) parts.push(`${stats.rate.toFixed(1)} tokens/s`);
  if (stats.firstMs >= 0) parts.push(`first token ${seconds(stats.firstMs)}`);
  if (stats.tokens > 0) parts.push(`${stats.tokens} token${stats.tokens === 1 ? '' : 's'}`);
  if (stats.stopped) parts.push('stopped');
  if (stats.finish === 'length') parts.push('cut off at the longest length');
  return parts.join(' · ');
}

/** An answer on the screen; `update` may be called for every token. */
export class Answer {
  #body = make('div', 'markdown');
  #stats = make('span', 'stats');
  #foot;
  #text = '';
  #painting = 0;

  constructor(onRetry) {
    welcome.hidden = true;
    this.#foot = make('div', 'foot',
      actionButton('copy', 'Copy', button => copyFrom(button, this.#text)),
      actionButton('retry', 'Try again', () => onRetry()),
      this.#stats);
    this.item = make('li', 'answer', make('span', 'unseen', 'Answer: '), this.#body, this.#foot);
    conversation.append(this.item);
  }

  /** Waiting for the first token, or taking more. */
  set busy(busy) {
    this.item.classList.toggle('busy', busy);
    conversation.setAttribute('aria-busy', String(busy));
  }

  update(text, stats) {
    this.#text = text;
    this.#stats.textContent = describe(stats);
    this.item.classList.toggle('empty', !text);
    if (!this.#painting) {
      // many tokens may come between two frames
      this.#painting = requestAnimationFrame(() => this.#paint());
    }
  }

  #paint() {
    this.#painting = 0;
    renderInto(this.#body, this.#text);
    follow();
  }

  finish(text, stats) {
    this.#text = text;
    cancelAnimationFrame(this.#painting);
    this.#stats.textContent = describe(stats);
    this.item.classList.toggle('empty', !text);
    this.#paint();
    this.busy = false;
  }

  fail(message) {
    const alert = make('div', 'failure', message);
    alert.setAttribute('role', 'alert');
    this.#foot.before(alert);
    this.item.classList.add('failed');
    follow();
  }
}
