// The page to read and try the API. Everything shown comes from the contract as text, never as markup.

const LABELS = {
  en: {
    skip: "Skip to the operations", token: "Access token", show: "Show", hide: "Hide",
    tokenHint: "Stays in this tab. Signing in below fills it in.", navigation: "Operations by service", filter: "Filter",
    loading: "Reading the contract…", failed: "The contract can't be read. Reload the page to try again.",
    open: "no token needed", parameters: "Parameters", body: "Body", answers: "Answers", tryIt: "Try it", send: "Send",
    sending: "Sending…", required: "required", or: "or", list: "list of", anything: "anything", map: "map of",
    fetched: "Answer", headers: "Headers of the answer", command: "As a command", noAnswer: "There was no answer",
    tokenFilled: "The access token is filled in.", nothing: "(no content)", optional: "leave empty to omit",
    characters: "characters",
  },
  fr: {
    skip: "Aller aux opérations", token: "Jeton d'accès", show: "Afficher", hide: "Masquer",
    tokenHint: "Reste dans cet onglet. Se connecter ci-dessous le remplit.", navigation: "Opérations par service", filter: "Filtrer",
    loading: "Lecture du contrat…", failed: "Le contrat est illisible. Rechargez la page pour réessayer.",
    open: "sans jeton", parameters: "Paramètres", body: "Corps", answers: "Réponses", tryIt: "Essayer", send: "Envoyer",
    sending: "Envoi…", required: "obligatoire", or: "ou", list: "liste de", anything: "n'importe quoi", map: "table de",
    fetched: "Réponse", headers: "En-têtes de la réponse", command: "En ligne de commande", noAnswer: "Il n'y a pas eu de réponse",
    tokenFilled: "Le jeton d'accès est rempli.", nothing: "(sans contenu)", optional: "vide : non envoyé",
    characters: "caractères",
  },
};
const LANGUAGE = (navigator.languages ?? []).map((tag) => tag.slice(0, 2)).find((tag) => tag in LABELS) ?? "en";
const t = LABELS[LANGUAGE];

const METHODS = ["get", "post", "put", "patch", "delete"];
const EDITS = new Set(["put", "patch", "delete"]);
const MAX_DEPTH = 6;
const MAX_SHOWN = 200_000; // characters of an answer
const etags = new Map(); // the last ETag seen, by path

let contract;

// Elements: `el("p", {class: "note"}, "text", child)`. Strings become text nodes.
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== ""));
  return element;
}

// Schemas

function resolve(schema) {
  const name = schema?.$ref?.replace("#/components/schemas/", "");
  return name ? (contract.components.schemas[name] ?? {}) : (schema ?? {});
}

function choices(schema) {
  return schema.oneOf ?? schema.anyOf;
}

function typeOf(schema) {
  const plain = resolve(schema);
  if (choices(plain)) return [...new Set(choices(plain).map(typeOf))].join(` ${t.or} `);
  if (plain.enum) return plain.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in plain) return JSON.stringify(plain.const);
  if (plain.type === "array") return `${t.list} ${typeOf(plain.items)}`;
  if (plain.type === "object" && !plain.properties && plain.additionalProperties) return `${t.map} ${typeOf(plain.additionalProperties)}`;
  const type = [plain.type ?? t.anything].flat().join(` ${t.or} `);
  return [type, plain.format && `(${plain.format})`, limits(plain)].filter(Boolean).join(" ");
}

function limits(schema) {
  const range = (low, high, unit = "") => (low == null && high == null ? "" : `${low ?? ""}…${high ?? ""}${unit}`);
  return [
    range(schema.minimum, schema.maximum),
    range(schema.minLength, schema.maxLength, ` ${t.characters}`),
    range(schema.minItems, schema.maxItems),
    schema.pattern && `/${schema.pattern}/`,
  ].filter(Boolean).join(" ");
}

// The object inside a schema, be it a list's item or one of several choices.
function innerObject(schema) {
  const plain = resolve(schema);
  if (plain.properties) return plain;
  if (plain.type === "array") return innerObject(plain.items);
  return choices(plain)?.map(innerObject).find(Boolean);
}

function schemaList(schema, { isSent }, seen = []) {
  const object = innerObject(schema);
  if (!object || seen.includes(object) || seen.length > MAX_DEPTH) return null;
  const rows = Object.entries(object.properties).map(([name, member]) =>
    el("li", {},
      el("span", { class: "name" }, name), " ",
      el("span", { class: "kind" }, typeOf(member)), " ",
      isSent && object.required?.includes(name) ? el("span", { class: "must" }, t.required) : null,
      note(member.description ?? resolve(member).description),
      schemaList(member, { isSent }, [...seen, object])));
  return el("ul", { class: "schema" }, rows);
}

function note(text) {
  return text ? el("span", { class: "note" }, text.replaceAll("`", "")) : null;
}

// An example to start from: what is required, with defaults where there are some.
function example(schema, depth = 0) {
  const plain = resolve(schema);
  if ("default" in plain && plain.default !== null) return plain.default;
  if (plain.examples?.length) return plain.examples[0];
  if (choices(plain)) return example(choices(plain).find((choice) => resolve(choice).type !== "null") ?? {}, depth);
  if (plain.enum) return plain.enum[0];
  if (plain.type === "array") return depth > MAX_DEPTH ? [] : [example(plain.items, depth + 1)];
  if (plain.properties && depth <= MAX_DEPTH) {
    const wanted = plain.required?.length ? plain.required : Object.keys(plain.properties);
    return Object.fromEntries(wanted.map((name) => [name, example(plain.properties[name], depth + 1)]));
  }
  return { integer: plain.minimum ?? 0, number: plain.minimum ?? 0, boolean: false, string: exampleText(plain), object: {} }[plain.type] ?? null;
}

function exampleText(schema) {
  const now = new Date().toISOString();
  return { uuid: newId(), "date-time": now, date: now.slice(0, 10) }[schema.format] ?? "";
}

// A UUIDv7; `crypto.randomUUID` is missing on plain HTTP, which is how a home network is reached.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint32(0, Math.floor(Date.now() / 0x10000));
  new DataView(bytes.buffer).setUint16(4, Date.now() % 0x10000);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

// Operations

function operations() {
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })));
}

function title(operation) {
  return operation.operationId.replaceAll("_", " ");
}

function isOpen(operation) {
  return (operation.security ?? contract.security ?? []).length === 0;
}

function bodyOf(operation) {
  return Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
}

function operationView(operation) {
  const [, body] = bodyOf(operation);
  const says = operation.description ?? operation.summary ?? "";
  const details = el("details", { class: "operation", id: operation.operationId },
    el("summary", {},
      el("span", { class: `method ${operation.method}` }, operation.method),
      el("span", { class: "path" }, operation.path),
      isOpen(operation) ? el("span", { class: "open-to" }, t.open) : null,
      el("span", { class: "says" }, says.replaceAll("`", ""))));
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector(".inside")) return;
    details.append(el("div", { class: "inside" },
      parametersView(operation.parameters ?? []),
      body ? [el("h3", {}, t.body, " ", el("small", {}, typeOf(body.schema))), schemaList(body.schema, { isSent: true })] : null,
      el("h3", {}, t.answers), answersView(operation.responses),
      tryView(operation)));
  });
  return details;
}

function parametersView(parameters) {
  if (!parameters.length) return null;
  const rows = parameters.map((each) =>
    el("li", {},
      el("span", { class: "name" }, each.name), " ",
      el("span", { class: "kind" }, `${each.in} · ${typeOf(each.schema)}`), " ",
      each.required ? el("span", { class: "must" }, t.required) : null,
      note(each.description)));
  return [el("h3", {}, t.parameters), el("ul", { class: "schema" }, rows)];
}

function answersView(responses) {
  return el("dl", { class: "answers" }, Object.entries(responses).map(([status, answer]) => {
    const [[type, content] = []] = Object.entries(answer.content ?? {});
    const isProblem = type === "application/problem+json";
    const told = isProblem
      ? el("ul", { class: "problems" }, answer.description.split(" · ").map((line) => el("li", {}, problemLine(line))))
      : [el("p", {}, type ? el("code", {}, type) : answer.description), content ? schemaList(content.schema, { isSent: false }) : null];
    return [el("dt", { class: status < 400 ? "ok" : "refused" }, status), el("dd", {}, told)];
  }));
}

function problemLine(line) {
  const [, type, rest] = line.match(/^`([^`]*)`(.*)$/) ?? [];
  return type ? [el("code", {}, type), rest] : [line];
}

// Trying one

function tryView(operation) {
  const [type, body] = bodyOf(operation);
  const parameters = [...(operation.parameters ?? []), ...usualHeaders(operation)];
  const fields = parameters.map((each) => fieldView(operation, each));
  const bodyId = `${operation.operationId}-body`;
  const result = el("div", { class: "result", role: "status", "aria-live": "polite" });
  const form = el("form", { class: "try", autocomplete: "off" },
    el("h3", {}, t.tryIt),
    fields.length ? el("div", { class: "fields" }, fields) : null,
    body ? el("div", { class: "field wide" },
      el("label", { for: bodyId }, `${t.body} (${type})`),
      el("textarea", { id: bodyId, name: "body", spellcheck: "false" }, JSON.stringify(example(body.schema), null, 2))) : null,
    el("button", { class: "send" }, t.send), result);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(operation, parameters, form, result, type);
  });
  return form;
}

// Headers that the whole API understands, where the contract of an operation does not name them.
function usualHeaders(operation) {
  const named = new Set((operation.parameters ?? []).map((each) => each.name.toLowerCase()));
  const usual = [];
  if (operation.method === "post" && !operation.path.startsWith("/api/auth")) usual.push({ name: "Idempotency-Key", value: newId() });
  if (EDITS.has(operation.method)) usual.push({ name: "If-Match", value: etags.get(operation.path) ?? "" });
  return usual.filter((each) => !named.has(each.name.toLowerCase())).map((each) => ({ ...each, in: "header", schema: { type: "string" } }));
}

function fieldView(operation, parameter) {
  const id = `${operation.operationId}-${parameter.in}-${parameter.name}`;
  const options = resolve(parameter.schema).enum;
  const attributes = { id, name: `${parameter.in}:${parameter.name}`, required: parameter.required };
  const control = options
    ? el("select", attributes, parameter.required ? null : el("option", { value: "" }, "–"), options.map((value) => el("option", {}, String(value))))
    : el("input", { ...attributes, value: parameter.value, spellcheck: "false", placeholder: parameter.required ? "" : t.optional });
  return el("div", { class: "field" }, el("label", { for: id }, parameter.name), control);
}

async function send(operation, parameters, form, result, type) {
  const button = form.querySelector("button.send");
  const { target, options } = request(operation, parameters, new FormData(form), type);
  button.disabled = true;
  result.replaceChildren(t.sending);
  try {
    const answer = await fetch(target, options);
    const text = await answer.text();
    remember(operation, answer, text);
    result.replaceChildren(...answerView(answer, text, target, options));
  } catch (error) {
    result.replaceChildren(el("p", { class: "refused" }, `${t.noAnswer}: ${error.message}`), commandView(target, options));
  } finally {
    button.disabled = false;
  }
}

function request(operation, parameters, values, type) {
  const headers = { Accept: "application/json", "Accept-Language": LANGUAGE };
  const query = new URLSearchParams();
  let target = operation.path;
  for (const parameter of parameters) {
    const value = values.get(`${parameter.in}:${parameter.name}`);
    if (!value) continue;
    if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(value));
    if (parameter.in === "query") query.append(parameter.name, value);
    if (parameter.in === "header") headers[parameter.name] = value;
  }
  const token = document.getElementById("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  const body = values.get("body") ?? undefined;
  if (body !== undefined) headers["Content-Type"] = type;
  const asked = query.size ? `?${query}` : "";
  return { target: target + asked, options: { method: operation.method.toUpperCase(), headers, body, credentials: "omit", cache: "no-store" } };
}

// Keep what the next call needs: the token of somebody who has just signed in, and the ETag to edit with.
function remember(operation, answer, text) {
  if (answer.headers.has("etag")) etags.set(operation.path, answer.headers.get("etag"));
  const token = parsed(text)?.tokens?.access_token;
  if (answer.ok && typeof token === "string") {
    document.getElementById("token").value = token;
    document.getElementById("token-hint").textContent = t.tokenFilled;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answerView(answer, text, target, options) {
  const value = parsed(text);
  const shown = value === undefined ? text : JSON.stringify(value, null, 2);
  const headers = [...answer.headers].map(([name, content]) => `${name}: ${content}`).join("\n");
  return [
    el("p", {}, `${t.fetched}: `, el("span", { class: `status ${answer.ok ? "ok" : "refused"}` }, `${answer.status} ${answer.statusText}`.trim())),
    el("pre", { tabindex: "0" }, shown.slice(0, MAX_SHOWN) || t.nothing),
    el("details", {}, el("summary", {}, t.headers), el("pre", {}, headers)),
    commandView(target, options),
  ];
}

function commandView(target, options) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = ["curl", "-X", options.method];
  for (const [name, value] of Object.entries(options.headers)) {
    parts.push("-H", name === "Authorization" ? '"Authorization: Bearer $TOKEN"' : quote(`${name}: ${value}`));
  }
  if (options.body) parts.push("--data-raw", quote(options.body));
  parts.push(quote(location.origin + target));
  return el("details", {}, el("summary", {}, t.command), el("pre", {}, parts.join(" ")));
}

// The page

function draw() {
  const byTag = new Map((contract.tags ?? []).map((tag) => [tag.name, []]));
  for (const operation of operations()) {
    const tag = operation.tags?.[0] ?? "gateway";
    byTag.set(tag, [...(byTag.get(tag) ?? []), operation]);
  }
  const descriptions = new Map((contract.tags ?? []).map((tag) => [tag.name, tag.description]));
  const filled = [...byTag].filter(([, group]) => group.length);
  document.getElementById("about").textContent = contract.info.description.replaceAll("`", "");
  document.getElementById("index").replaceChildren(...filled.map(([tag, group]) => indexView(tag, group)));
  document.getElementById("operations").replaceChildren(...filled.map(([tag, group]) =>
    el("section", { "aria-labelledby": `tag-${tag}` },
      el("h2", { id: `tag-${tag}` }, tag),
      el("p", { class: "lead" }, descriptions.get(tag)?.replace(/^Popote: /, "") ?? ""),
      group.map(operationView))));
}

function indexView(tag, group) {
  const links = group.map((operation) =>
    el("li", {}, el("a", { href: `#${operation.operationId}` },
      el("span", { class: `method ${operation.method}` }, operation.method), title(operation))));
  return el("div", { class: "group" }, el("h3", {}, tag), el("ul", {}, links));
}

function filter(text) {
  const wanted = text.trim().toLowerCase();
  for (const item of document.querySelectorAll("#index li")) item.hidden = !item.textContent.toLowerCase().includes(wanted);
  for (const group of document.querySelectorAll("#index .group")) group.hidden = !group.querySelector("li:not([hidden])");
}

// Open the operation that the address names, so that links lead to something.
function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.scrollIntoView();
  }
}

function label() {
  document.documentElement.lang = LANGUAGE;
  for (const element of document.querySelectorAll("[data-label]")) element.textContent = t[element.dataset.label];
  for (const element of document.querySelectorAll("[data-placeholder]")) element.placeholder = t[element.dataset.placeholder];
}

function showToken(event) {
  const token = document.getElementById("token");
  const isShown = token.type === "password";
  token.type = isShown ? "text" : "password";
  event.currentTarget.setAttribute("aria-pressed", String(isShown));
  event.currentTarget.textContent = isShown ? t.hide : t.show;
}

label();
document.getElementById("filter").addEventListener("input", (event) => filter(event.target.value));
document.getElementById("token-show").addEventListener("click", showToken);
document.getElementById("token-form").addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("hashchange", openNamed);
try {
  contract = await (await fetch("/api/openapi.json")).json();
  draw();
  openNamed();
} catch (error) {
  console.error(error);
  document.getElementById("state").textContent = t.failed;
}
