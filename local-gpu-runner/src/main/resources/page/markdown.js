// Markdown to DOM nodes. Text becomes text nodes and nothing else: no HTML of a model is ever parsed, only http and
// https links are links, and images are shown as links so that nothing is fetched.

const MAX_DEPTH = 8;
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(\s+|$)(.*)$/;
const QUOTE = /^ {0,3}> ?/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function element(name, ...children) {
  const node = document.createElement(name);
  node.append(...children);
  return node;
}

/** Updates `container` to show `text`, touching only the blocks that have changed since the last time. */
export function renderInto(container, text) {
  const blocks = split(text.replace(/\r\n?/g, '\n').split('\n'));
  const old = container.blocks ?? [];
  let same = 0;
  while (same < blocks.length && same < old.length && blocks[same].source === old[same]) {
    same++;
  }
  while (container.childNodes.length > same) {
    container.lastChild.remove();
  }
  for (const block of blocks.slice(same)) {
    container.append(toNode(block, 0));
  }
  container.blocks = blocks.map(block => block.source);
}

// ---- blocks

function split(lines) {
  const blocks = [];
  for (let i = 0; i < lines.length; ) {
    if (!lines[i].trim()) {
      i++;
      continue;
    }
    const kind = kindOf(lines, i);
    const end = endOf(kind, lines, i);
    const own = lines.slice(i, end);
    blocks.push({ kind, lines: own, source: kind + '\n' + own.join('\n') });
    i = end;
  }
  return blocks;
}

function kindOf(lines, i) {
  const line = lines[i];
  if (FENCE.test(line)) return 'code';
  if (HEADING.test(line)) return 'heading';
  if (RULE.test(line)) return 'rule';
  if (QUOTE.test(line)) return 'quote';
  if (ITEM.test(line)) return 'list';
  if (line.includes('|') && i + 1 < lines.length && lines[i + 1].includes('-') && TABLE_RULE.test(lines[i + 1])) {
    return 'table';
  }
  return 'paragraph';
}

function endOf(kind, lines, start) {
  let i = start + 1;
  if (kind === 'heading' || kind === 'rule') {
    return i;
  }
  if (kind === 'code') {
    const fence = FENCE.exec(lines[start])[1];
    const closing = line => line.trim().length >= fence.length && line.trim() === fence[0].repeat(line.trim().length);
    while (i < lines.length && !closing(lines[i])) i++;
    return Math.min(i + 1, lines.length);
  }
  if (kind === 'list') {
    const ordered = /\d/.test(ITEM.exec(lines[start])[2]);
    const base = ITEM.exec(lines[start])[1].length;
    for (; i < lines.length; i++) {
      const blank = !lines[i].trim();
      const next = lines[i + 1] ?? '';
      if (blank && !/^\s{2,}\S/.test(next) && !(ITEM.test(next) && !RULE.test(next))) break;
      if (blank) continue;
      const item = RULE.test(lines[i]) ? null : ITEM.exec(lines[i]);
      if (item && item[1].length <= base && /\d/.test(item[2]) !== ordered) break;
      if (!item && !/^\s{2,}\S/.test(lines[i]) && (!lines[i - 1].trim() || kindOf(lines, i) !== 'paragraph')) break;
    }
    return i;
  }
  if (kind === 'quote' || kind === 'table') {
    const belongs = kind === 'quote' ? line => QUOTE.test(line) : line => line.includes('|') && line.trim();
    while (i < lines.length && belongs(lines[i])) i++;
    return i;
  }
  while (i < lines.length && lines[i].trim() && kindOf(lines, i) === 'paragraph') i++;
  return i;
}

function toNode(block, depth) {
  switch (block.kind) {
    case 'code':
      return code(block.lines);
    case 'heading': {
      const [, marks, text] = HEADING.exec(block.lines[0]);
      // the page's own headings are h1 and h2
      return element(`h${Math.min(marks.length + 2, 6)}`, ...inline(text, 0));
    }
    case 'rule':
      return element('hr');
    case 'quote':
      return element('blockquote', ...children(block.lines.map(line => line.replace(QUOTE, '')), depth));
    case 'list':
      return list(block.lines, depth);
    case 'table':
      return table(block.lines);
    default:
      return element('p', ...inline(block.lines.map(line => line.trim()).join('\n'), 0));
  }
}

function children(lines, depth) {
  if (depth >= MAX_DEPTH) {
    return [document.createTextNode(lines.join('\n'))];
  }
  return split(lines).map(block => toNode(block, depth + 1));
}

function code(lines) {
  const [, fence, language] = FENCE.exec(lines[0]);
  const last = lines[lines.length - 1].trim();
  const closed = lines.length > 1 && last.length >= fence.length && last === fence[0].repeat(last.length);
  const text = lines.slice(1, closed ? -1 : undefined).join('\n');
  const copy = element('button', 'Copy');
  copy.type = 'button';
  copy.className = 'copy-code';
  const head = element('div', element('span', language || 'code'), copy);
  head.className = 'code-head';
  const pre = element('pre', element('code', text));
  pre.tabIndex = 0;
  const box = element('div', head, pre);
  box.className = 'code';
  return box;
}

function list(lines, depth) {
  const first = ITEM.exec(lines[0]);
  const ordered = /\d/.test(first[2]);
  const node = element(ordered ? 'ol' : 'ul');
  const start = Number.parseInt(first[2], 10);
  if (ordered && start !== 1) {
    node.start = start;
  }
  let item = [];
  let indent = 0;
  const flush = () => {
    if (item.length) {
      const parts = children(item, depth);
      // a lone paragraph would only add space
      const tight = parts.map((part, i) => (i === 0 && part.nodeName === 'P' ? [...part.childNodes] : [part]));
      node.append(element('li', ...tight.flat()));
    }
  };
  for (const line of lines) {
    const match = RULE.test(line) ? null : ITEM.exec(line);
    if (match && match[1].length < first[1].length + 2) {
      flush();
      indent = match[1].length + match[2].length + Math.min(Math.max(match[3].length, 1), 4);
      item = [match[4]];
    } else {
      const lead = line.length - line.trimStart().length;
      item.push(line.slice(Math.min(lead, indent)));
    }
  }
  flush();
  return node;
}

function cells(line) {
  const trimmed = line.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '');
  return trimmed.split(/(?<!\\)\|/).map(cell => cell.trim().replaceAll('\\|', '|'));
}

function table(lines) {
  const align = cells(lines[1]).map(rule =>
    rule.endsWith(':') ? (rule.startsWith(':') ? 'center' : 'right') : 'left');
  const row = (line, name) => {
    const tr = element('tr');
    const values = cells(line);
    align.forEach((side, i) => {
      const cell = element(name, ...inline(values[i] ?? '', 0));
      cell.className = side;
      tr.append(cell);
    });
    return tr;
  };
  const body = element('tbody', ...lines.slice(2).map(line => row(line, 'td')));
  const wrap = element('div', element('table', element('thead', row(lines[0], 'th')), body));
  wrap.className = 'table';
  wrap.tabIndex = 0;
  return wrap;
}

// ---- inline

const DELIMITERS = [['***', 'both'], ['**', 'strong'], ['__', 'strong'], ['~~', 'del'], ['*', 'em'], ['_', 'em']];
const SPECIAL = /[\\`*_~[!\nh<]/g;
const WORD = /[\p{L}\p{N}]/u;

function inline(text, depth) {
  const out = [];
  const hopeless = new Set();
  let plain = '';
  const flush = () => {
    if (plain) {
      out.push(document.createTextNode(plain));
      plain = '';
    }
  };
  let i = 0;
  while (i < text.length) {
    SPECIAL.lastIndex = i;
    const found = SPECIAL.exec(text);
    const at = found ? found.index : text.length;
    plain += text.slice(i, at);
    i = at;
    if (i >= text.length) break;
    const span = depth < MAX_DEPTH ? special(text, i, depth, hopeless) : null;
    if (span) {
      flush();
      out.push(...span.nodes);
      i = span.end;
    } else {
      plain += text[i++];
    }
  }
  flush();
  return out;
}

function special(text, i, depth, hopeless) {
  switch (text[i]) {
    case '\n':
      return { nodes: [element('br')], end: i + 1 };
    case '\\':
      return /[!-/:-@[-`{-~]/.test(text[i + 1] ?? '')
        ? { nodes: [document.createTextNode(text[i + 1])], end: i + 2 }
        : null;
    case '`':
      return codeSpan(text, i, hopeless);
    case '!':
      return text[i + 1] === '[' ? link(text, i + 1, depth) : null;
    case '[':
      return link(text, i, depth);
    case '<':
    case 'h':
      return bareAddress(text, i);
    default:
      return emphasis(text, i, depth, hopeless);
  }
}

function codeSpan(text, i, hopeless) {
  const marks = /^`+/.exec(text.slice(i, i + 16))[0];
  if (hopeless.has(marks)) return null;
  let end = text.indexOf(marks, i + marks.length);
  while (end >= 0 && (text[end + marks.length] === '`' || text[end - 1] === '`')) {
    end = text.indexOf(marks, end + 1);
  }
  if (end < 0) {
    hopeless.add(marks);
    return { nodes: [document.createTextNode(marks)], end: i + marks.length };
  }
  const content = text.slice(i + marks.length, end).replaceAll('\n', ' ');
  return { nodes: [element('code', content.replace(/^ (.*\S.*) $/, '$1'))], end: end + marks.length };
}

function emphasis(text, i, depth, hopeless) {
  for (const [mark, kind] of DELIMITERS) {
    if (!text.startsWith(mark, i) || hopeless.has(mark)) continue;
    const after = text[i + mark.length] ?? ' ';
    const insideWord = mark[0] === '_' && WORD.test(text[i - 1] ?? ' ');
    if (/\s/.test(after) || insideWord) continue;
    const end = closing(text, mark, i + mark.length);
    if (end < 0) {
      hopeless.add(mark);
      continue;
    }
    const content = inline(text.slice(i + mark.length, end), depth + 1);
    const node = kind === 'both' ? element('strong', element('em', ...content)) : element(kind, ...content);
    return { nodes: [node], end: end + mark.length };
  }
  return null;
}

function closing(text, mark, from) {
  for (let end = text.indexOf(mark, from); end >= 0; end = text.indexOf(mark, end + 1)) {
    const before = text[end - 1];
    const next = text[end + mark.length] ?? ' ';
    const partOfLonger = mark.length < 3 && next === mark[0] && mark.length === 1 && before !== mark[0];
    if (partOfLonger) {
      end++;
      continue;
    }
    if (!/\s/.test(before) && before !== '\\' && end > from && !(mark[0] === '_' && WORD.test(next))) {
      return end;
    }
  }
  return -1;
}

function link(text, i, depth) {
  const near = text.slice(i, i + 1002).indexOf('](');
  const middle = near < 0 ? -1 : i + near;
  // a label or an address longer than this is none
  if (middle < 0) return null;
  const length = text.slice(middle, middle + 2002).indexOf(')');
  const end = middle + length;
  if (length < 0) return null;
  const label = text.slice(i + 1, middle);
  if (label.includes('\n\n')) return null;
  const address = text.slice(middle + 2, end).trim().replace(/\s+["'(].*$/, '').replace(/^<(.*)>$/, '$1');
  return { nodes: [anchor(address, inline(label, depth + 1)) ?? document.createTextNode(label)], end: end + 1 };
}

function bareAddress(text, i) {
  const angled = text[i] === '<';
  const match = /^https?:\/\/[^\s<>"'`]+/.exec(text.slice(angled ? i + 1 : i, i + 2000));
  if (!match || (!angled && WORD.test(text[i - 1] ?? ' '))) return null;
  const address = angled ? match[0] : match[0].replace(/[).,;:!?*_\]]+$/, '');
  const node = anchor(address, [document.createTextNode(address)]);
  if (!node) return null;
  const end = (angled ? i + 1 : i) + address.length;
  return { nodes: [node], end: angled && text[end] === '>' ? end + 1 : end };
}

function anchor(address, content) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return null;
  }
  const node = element('a', ...content);
  node.href = url.href;
  node.target = '_blank';
  node.rel = 'noopener noreferrer nofollow';
  return node;
}
