import * as api from './api.js';
import * as store from './store.js';
import * as view from './view.js';

const $ = id => document.getElementById(id);
const prompt = $('prompt');
const send = $('send');
const stop = $('stop');
const settingsDialog = $('settings');
const keyDialog = $('key-dialog');

let messages = store.loadConversation();
let settings = store.loadSettings();
let answering = null;
let ready = false;
let sendWhenReady = false;
let afterKey = null;

// ---- the answer

async function answer() {
  const controller = new AbortController();
  answering = controller;
  showControls();
  const shown = new view.Answer(retry);
  shown.busy = true;
  view.scrollToEnd();
  const started = performance.now();
  const stats = { firstMs: -1, rate: 0, tokens: 0 };
  let text = '';
  let firstAt = 0;
  let failure = null;
  shown.update(text, stats);
  try {
    const history = messages.map(({ role, content }) => ({ role, content }));
    const all = settings.system.trim() ? [{ role: 'system', content: settings.system }, ...history] : history;
    const options = { messages: all, settings, key: store.loadKey(), signal: controller.signal };
    for await (const part of api.streamChat(options)) {
      if (part.text) {
        text += part.text;
        firstAt ||= performance.now();
        stats.firstMs = firstAt - started;
        stats.tokens++;
      }
      if (part.finish) stats.finish = part.finish;
      if (part.usage) stats.tokens = part.usage.completion_tokens ?? stats.tokens;
      const elapsed = performance.now() - firstAt;
      // the first token's time is the prompt's, not the rate's
      if (part.text || part.usage) stats.rate = stats.tokens > 1 && elapsed > 0 ? (stats.tokens - 1) * 1000 / elapsed : 0;
      shown.update(text, stats);
    }
  } catch (error) {
    if (error.name === 'AbortError') {
      stats.stopped = true;
    } else {
      failure = error;
    }
  }
  shown.finish(text, stats);
  answering = null;
  if (text) {
    messages.push({ role: 'assistant', content: text, stats });
    store.saveConversation(messages);
  }
  showControls();
  if (failure) {
    onFailure(failure, shown, Boolean(text));
  } else if (stats.stopped && !text) {
    shown.item.remove();
  }
}

function onFailure(failure, shown, hasText) {
  if (failure.status === 401 && !hasText) {
    shown.fail('The server asks for an API key.');
    askForKey(store.loadKey() ? WRONG_KEY : null, retry);
  } else {
    shown.fail(failure.message);
    if (failure.status === 503 || failure.status === 0) {
      ready = false;
      watchHealth();
    }
  }
}

function submit(text) {
  const content = text.trim();
  sendWhenReady = Boolean(content) && !ready;
  if (!content || answering || !ready) {
    return;
  }
  prompt.value = '';
  fit();
  messages.push({ role: 'user', content });
  store.saveConversation(messages);
  view.addQuestion(content);
  hideNotice();
  answer();
  prompt.focus();
}

/** Answers the last question once more, without what it was answered. */
function retry() {
  if (answering || !ready) {
    return;
  }
  while (messages.length && messages.at(-1).role === 'assistant') {
    messages.pop();
  }
  if (messages.length) {
    showConversation();
    answer();
    prompt.focus();
  }
}

function stopAnswer() {
  answering?.abort();
}

// ---- the conversation

function showConversation() {
  view.clear();
  for (const message of messages) {
    if (message.role === 'user') {
      view.addQuestion(message.content);
    } else {
      new view.Answer(retry).finish(message.content, message.stats ?? {});
    }
  }
  view.scrollToEnd();
}

function newChat() {
  stopAnswer();
  const before = messages;
  messages = [];
  store.saveConversation(messages);
  view.clear();
  prompt.focus();
  if (before.length) {
    showNotice('The conversation was deleted.', 'Undo', () => {
      messages = before;
      store.saveConversation(messages);
      showConversation();
      hideNotice();
      prompt.focus();
    });
  }
}

function exportConversation() {
  const parts = messages.map(m => `## ${m.role === 'user' ? 'You' : 'Assistant'}\n\n${m.content}\n`);
  const url = URL.createObjectURL(new Blob([parts.join('\n')], { type: 'text/markdown' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'conversation.md';
  link.click();
  URL.revokeObjectURL(url);
}

// ---- the line above the message field

function showNotice(text, actionLabel, action, busy = false) {
  $('notice-text').textContent = text;
  $('notice').hidden = false;
  $('notice').classList.toggle('busy', busy);
  const button = $('notice-action');
  button.hidden = !action;
  button.textContent = actionLabel ?? '';
  button.onclick = action ?? null;
}

function hideNotice() {
  $('notice').hidden = true;
}

function showControls() {
  stop.hidden = !answering;
  send.hidden = Boolean(answering);
  send.disabled = !ready || !prompt.value.trim();
}

// ---- the model

let watching = false;

async function watchHealth() {
  if (watching) {
    return;
  }
  watching = true;
  showControls();
  for (let wait = 500; !ready; wait = Math.min(wait * 1.5, 3000)) {
    const { status, detail } = await api.health();
    if (status === 'healthy') {
      ready = true;
      hideNotice();
    } else {
      const words = {
        loading: detail || 'The model is loading. What you send goes out when it is ready.',
        unreachable: 'The server cannot be reached. Trying again…',
      };
      showNotice(words[status] ?? (detail || 'The server is not well. Trying again…'), null, null, true);
      await new Promise(resolve => setTimeout(resolve, wait));
    }
  }
  watching = false;
  showControls();
  if (sendWhenReady) {
    submit(prompt.value);
  }
  await showModel();
}

async function showModel() {
  try {
    $('model').textContent = await api.modelId(store.loadKey());
    $('model').title = $('model').textContent;
    $('model').hidden = !$('model').textContent;
  } catch (error) {
    if (error.status === 401) {
      askForKey(store.loadKey() ? WRONG_KEY : null, null);
    }
  }
}

// ---- the key

const KEY_REASON = $('key-reason').textContent;
const WRONG_KEY = 'That key was not accepted. Please check it.';

function askForKey(reason, then) {
  afterKey = then;
  $('key-reason').textContent = reason ?? KEY_REASON;
  $('key-reason').classList.toggle('wrong', Boolean(reason));
  $('key').value = '';
  $('remember').checked = store.isKeyRemembered();
  if (!keyDialog.open) {
    keyDialog.showModal();
  }
  $('key').focus();
}

$('key-form').addEventListener('submit', event => {
  event.preventDefault();
  store.saveKey($('key').value.trim(), $('remember').checked);
  const then = afterKey;
  keyDialog.close();
  showModel();
  then?.();
});
$('key-cancel').addEventListener('click', () => keyDialog.close());
keyDialog.addEventListener('close', () => {
  afterKey = null;
  $('key').value = '';
  prompt.focus();
});

// ---- settings

function showSettings() {
  $('system').value = settings.system;
  $('temperature').value = settings.temperature;
  $('temperature-value').value = settings.temperature.toFixed(1);
  $('max-tokens').value = settings.maxTokens;
  $('export').disabled = !messages.length;
  settingsDialog.showModal();
}

function takeSettings() {
  const tokens = Number.parseInt($('max-tokens').value, 10);
  settings = {
    system: $('system').value,
    temperature: Number.parseFloat($('temperature').value),
    maxTokens: tokens >= 1 && tokens <= 100000 ? tokens : settings.maxTokens,
  };
  $('temperature-value').value = settings.temperature.toFixed(1);
  store.saveSettings(settings);
}

settingsDialog.addEventListener('input', takeSettings);
settingsDialog.addEventListener('close', () => prompt.focus());
for (const dialog of [settingsDialog, keyDialog]) {
  dialog.addEventListener('click', event => {
    if (event.target === dialog) dialog.close();
  });
}
$('open-settings').addEventListener('click', showSettings);
$('export').addEventListener('click', exportConversation);
$('change-key').addEventListener('click', () => {
  settingsDialog.close();
  askForKey(null, null);
});

$('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  store.saveTheme(root.dataset.theme);
});

// ---- writing

function fit() {
  prompt.style.height = 'auto';
  prompt.style.height = `${Math.min(prompt.scrollHeight, Math.round(innerHeight * 0.4))}px`;
}

prompt.addEventListener('input', () => {
  sendWhenReady = false;
  fit();
  showControls();
});
prompt.addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit(prompt.value);
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && answering && !document.querySelector('dialog[open]')) {
    event.preventDefault();
    stopAnswer();
    prompt.focus();
  }
});
$('composer').addEventListener('submit', event => {
  event.preventDefault();
  submit(prompt.value);
});
stop.addEventListener('click', () => {
  stopAnswer();
  prompt.focus();
});
$('new-chat').addEventListener('click', newChat);
document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault();
  prompt.focus();
});
$('suggestions').addEventListener('click', event => {
  const button = event.target.closest('button');
  if (button) {
    prompt.value = button.querySelector('span').textContent;
    fit();
    showControls();
    submit(prompt.value);
    prompt.focus();
  }
});

store.takeKeyFromAddress();
addEventListener('hashchange', () => {
  store.takeKeyFromAddress();
  showModel();
});
showConversation();
showControls();
prompt.focus();
watchHealth();
