// What the page remembers. Storage can be switched off or full; then it is kept until the page closes.

const memory = new Map();

function get(area, name) {
  try {
    return area.getItem(name) ?? memory.get(name) ?? null;
  } catch {
    return memory.get(name) ?? null;
  }
}

function set(area, name, value) {
  try {
    if (value === null) {
      memory.delete(name);
      area.removeItem(name);
    } else {
      memory.set(name, value);
      area.setItem(name, value);
    }
  } catch {
    // kept in memory
  }
}

function area(name) {
  try {
    return globalThis[name];
  } catch {
    return null;
  }
}

const local = area('localStorage');
const session = area('sessionStorage');

function readJson(name, fallback) {
  try {
    return JSON.parse(get(local, name)) ?? fallback;
  } catch {
    return fallback;
  }
}

const CONVERSATION = 'ai-dialog.conversation';
const SETTINGS = 'ai-dialog.settings';
const THEME = 'ai-dialog.theme';
const KEY = 'ai-dialog.key';

export const DEFAULTS = { system: '', temperature: 0.7, maxTokens: 1024 };

/** The conversation: [{role, content, stats?}], oldest first. */
export function loadConversation() {
  const messages = readJson(CONVERSATION, []);
  return Array.isArray(messages)
    ? messages.filter(m => m && typeof m.content === 'string' && (m.role === 'user' || m.role === 'assistant'))
    : [];
}

export function saveConversation(messages) {
  set(local, CONVERSATION, messages.length ? JSON.stringify(messages) : null);
}

function within(value, low, high, fallback) {
  return Number.isFinite(value) && value >= low && value <= high ? value : fallback;
}

export function loadSettings() {
  const stored = readJson(SETTINGS, {});
  return {
    system: typeof stored.system === 'string' ? stored.system : DEFAULTS.system,
    temperature: within(stored.temperature, 0, 2, DEFAULTS.temperature),
    maxTokens: within(stored.maxTokens, 1, 100000, DEFAULTS.maxTokens),
  };
}

export function saveSettings(settings) {
  set(local, SETTINGS, JSON.stringify(settings));
}

export function saveTheme(theme) {
  set(local, THEME, theme);
}

export function loadKey() {
  return get(session, KEY) ?? get(local, KEY);
}

/** Keeps the key for this tab, or for this browser where `remember` says so. */
export function saveKey(key, remember) {
  set(local, KEY, null);
  set(session, KEY, null);
  if (key) {
    set(remember ? local : session, KEY, key);
  }
}

/** Whether a key is kept beyond this tab. */
export function isKeyRemembered() {
  return get(session, KEY) === null && get(local, KEY) !== null;
}

/** Takes a key out of an address that ends in #key=…, so that it stays neither in sight nor in the history. */
export function takeKeyFromAddress() {
  const match = /^#key=(.+)$/.exec(location.hash);
  if (!match) {
    return;
  }
  history.replaceState(null, '', location.pathname + location.search);
  try {
    saveKey(decodeURIComponent(match[1]), isKeyRemembered());
  } catch {
    // not an encoded key: as if there were none
  }
}
