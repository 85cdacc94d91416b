// Small hands for the page.  Everything here changes only what differs, so that nothing jumps or loses focus.

/** Make an element; `props` are properties, `data-*` and `aria-*` attributes. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (/^(data|aria)-|^(role|for)$/.test(name)) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function mark(node, name, value) {
  if (value === null || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export function show(node, shown) {
  if (node.hidden === shown) node.hidden = !shown;
}

/** Make a change within `node`; if it hides the button that was pressed, the person then stands on `stand`. */
export function standOn(node, stand, change) {
  const stood = document.activeElement;
  change();
  if (node.contains(stood) && stood.hidden) stand.focus({ preventScroll: true });
}

const rowsOf = new WeakMap();

/**
 * Make `parent` hold one row per item, in order.  A row is `{node, update(item)}`, made once per key and kept,
 * so a person who stands on it with the keyboard or the pointer stays on it.
 */
export function keyed(parent, items, keyOf, make) {
  const before = rowsOf.get(parent) ?? new Map();
  const after = new Map();
  const stood = Array.from(parent.children).findIndex((child) => child.contains(document.activeElement));
  const focused = document.activeElement;
  for (const item of items) {
    const row = before.get(keyOf(item)) ?? make(item);
    row.update(item);
    after.set(keyOf(item), row);
  }
  for (const [key, row] of before) if (!after.has(key)) row.node.remove();
  settle(parent, after);
  rowsOf.set(parent, after);
  if (stood >= 0) keepStanding(parent, focused, stood);
}

function settle(parent, rows) {
  let next = parent.firstElementChild;
  for (const { node } of rows.values()) {
    if (node === next) next = next.nextElementSibling;
    // moveBefore keeps focus while a node moves; browsers without it get the focus back afterwards.
    else if (node.isConnected && parent.moveBefore) parent.moveBefore(node, next);
    else parent.insertBefore(node, next);
  }
}

function keepStanding(parent, focused, stood) {
  if (document.activeElement !== document.body) return;
  const heir = focused.isConnected ? focused : parent.children[Math.min(stood, parent.children.length - 1)];
  const target = heir === focused ? focused : heir?.querySelector("[data-stand]");
  target?.focus({ preventScroll: true });
}
