// The description of the HTTP interface, read from /openapi.json and made into a page that can also ask it.

const WORDS = {
  zh: {
    find: "查找接口", name: "用户名", password: "密码", signIn: "登录", language: "English", parameters: "参数",
    body: "请求内容", answer: "返回", refusals: "错误码", tryIt: "试一试", send: "发送", where: "位置", type: "类型",
    meaning: "说明", code: "错误码", status: "状态", public: "无需登录", needs: "需要权限", signedIn: "已登录：",
    default: "默认", none: "无内容", unreachable: "无法连接",
  },
  en: {
    find: "Find an operation", name: "Name", password: "Password", signIn: "Sign in", language: "中文",
    parameters: "Parameters", body: "Body", answer: "Answer", refusals: "Error codes", tryIt: "Try it", send: "Send",
    where: "In", type: "Type", meaning: "Meaning", code: "Code", status: "Status", public: "No token needed",
    needs: "Needs", signedIn: "Signed in: ", default: "default", none: "No content", unreachable: "Not reachable",
  },
};

const api = await (await fetch("/openapi.json")).json();
let language = navigator.language.startsWith("zh") ? "zh" : "en";
let token = "";

/** One element: h("p", { class: "quiet" }, "text", otherElement). */
function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

/** Text in which `this` is code. */
const prose = (text) =>
  h("span", {}, ...text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part)));

const words = (key) => WORDS[language][key];
const summaryOf = (operation) => (language === "zh" ? operation["x-summary-zh"] : operation.summary);
const resolved = (schema) =>
  schema?.$ref ? { name: schema.$ref.split("/").pop(), ...api.components.schemas[schema.$ref.split("/").pop()] } : schema;

function operations() {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** A schema in a few characters: `integer`, `Bay[]`, `string | null`. */
function typeName(schema) {
  if (!schema) return "any";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeName).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeName).join(", ")}]`;
  if (schema.type === "array") return `${typeName(schema.items)}[]`;
  if (schema.additionalProperties) return `{ [key]: ${typeName(schema.additionalProperties)} }`;
  return schema.type ?? "any";
}

function boundsOf(schema) {
  const known = { minimum: "≥ ", maximum: "≤ ", minLength: "length ≥ ", maxLength: "length ≤ ", pattern: "pattern " };
  const bounds = Object.keys(known).filter((key) => key in schema).map((key) => known[key] + schema[key]);
  if (schema.default !== undefined && schema.default !== "") {
    bounds.push(`${words("default")} ${JSON.stringify(schema.default)}`);
  }
  return bounds.join(", ");
}

/** The Struct that a schema leads to (through lists and alternatives), if any. */
function inner(schema) {
  if (!schema) return undefined;
  if (schema.$ref) return resolved(schema);
  return [schema.items, schema.additionalProperties, ...(schema.anyOf ?? [])].map((one) => one && inner(one)).find(Boolean);
}

function fieldsOf(schema, seen = []) {
  const required = schema.required ?? [];
  return h("ul", { class: "fields" }, ...Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const line = [
      h("code", {}, name), required.includes(name) ? h("span", { class: "must" }, " * ") : " ",
      h("span", { class: "type" }, typeName(field)), " ",
      h("span", { class: "quiet" }, prose([field.description, boundsOf(field)].filter(Boolean).join(" · "))),
    ];
    const below = inner(field);
    if (!below?.properties || seen.includes(below.name)) return h("li", {}, ...line);
    return h("li", {}, h("details", {}, h("summary", {}, ...line), fieldsOf(below, [...seen, below.name])));
  }));
}

function table(heads, rows) {
  return h("table", {},
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", {}, head)))),
    h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells.map((cell) => h("td", {}, cell))))));
}

function parametersOf(operation) {
  return table([words("parameters"), words("where"), words("type"), words("meaning")], operation.parameters.map((one) => [
    h("span", {}, h("code", {}, one.name), one.required ? h("span", { class: "must" }, " *") : ""),
    one.in, h("span", { class: "type" }, typeName(one.schema)),
    prose([one.description, boundsOf(one.schema)].filter(Boolean).join(" · ")),
  ]));
}

function answerOf(operation) {
  const [status, answer] = Object.entries(operation.responses).find(([code]) => code < "300");
  const [type, content] = Object.entries(answer.content ?? {})[0] ?? [words("none"), {}];
  const shape = inner(content.schema);
  return h("div", {},
    h("p", {}, h("span", { class: "badge" }, status), " ", h("code", {}, type), " ",
      h("span", { class: "quiet" }, answer.description)),
    shape ? fieldsOf(shape, [shape.name]) : "");
}

function refusalsOf(operation) {
  const codes = operation["x-error-codes"].toSorted((a, b) => api["x-errors"][a].status - api["x-errors"][b].status);
  return table([words("code"), words("status"), words("meaning")], codes.map((code) => [
    h("code", {}, code), String(api["x-errors"][code].status), api["x-errors"][code][language],
  ]));
}

/** A first draft of a body: every required field with the plainest value of its type. */
function draftOf(schema) {
  const plain = { string: "", integer: 0, number: 0, boolean: false, array: [], object: {} };
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries(fields.map(([name, field]) => [name, plain[field.type] ?? null]));
}

async function sent(path, method, operation, form, body) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  let address = path;
  const query = new URLSearchParams();
  for (const one of operation.parameters) {
    const value = form.elements[`p-${one.name}`].value;
    if (one.in === "path") address = address.replace(`{${one.name}}`, encodeURIComponent(value));
    else if (value && one.in === "query") query.set(one.name, value);
    else if (value) headers[one.name] = value;
  }
  const raw = body?.type === "file";
  if (body) headers["content-type"] = raw ? "application/octet-stream" : "application/json";
  const target = query.size ? `${address}?${query}` : address;
  const started = performance.now();
  const response = await fetch(target, { method: method.toUpperCase(), headers, body: raw ? body.files[0] : body?.value });
  const text = await response.text();
  return { response, target, text, ms: Math.round(performance.now() - started) };
}

function pretty(text) {
  try {
    const shown = JSON.stringify(JSON.parse(text), null, 2);
    return shown.length > 20000 ? `${shown.slice(0, 20000)}\n…` : shown;
  } catch {
    return text;
  }
}

/** A list to choose from where the type is one, else a line of text. */
function inputFor(one) {
  const options = one.schema.enum ?? (one.schema.type === "boolean" ? ["", "true", "false"] : undefined);
  const name = `p-${one.name}`;
  if (options) return h("select", { name }, ...options.map((value) => h("option", { value }, value)));
  return h("input", { name, required: one.in === "path", placeholder: one.schema.default ?? "" });
}

/** The type of an operation's JSON body; undefined if it takes none, or bytes. */
function schemaOf(operation) {
  const json = operation.requestBody?.content["application/json"];
  return json && resolved(json.schema);
}

function tryBox({ path, method, operation }) {
  const schema = schemaOf(operation);
  const body = schema ? h("textarea", { spellcheck: "false", "aria-label": words("body") })
    : operation.requestBody && h("input", { type: "file", "aria-label": words("body") });
  if (schema) body.value = JSON.stringify(draftOf(schema), null, 2);
  const status = h("span", { class: "quiet" });
  const shown = h("pre", { hidden: true });
  const form = h("form", { class: "try", onsubmit: async (event) => {
    event.preventDefault();
    shown.hidden = false;
    try {
      const { response, target, text, ms } = await sent(path, method, operation, form, body);
      status.textContent = `${response.status} · ${ms} ms · ${target}`;
      shown.textContent = pretty(text) || words("none");
    } catch (problem) {
      status.textContent = words("unreachable");
      shown.textContent = String(problem);
    }
  } },
  ...operation.parameters.map((one) => h("label", {}, h("code", {}, one.name),
    inputFor(one))),
  body ?? "", h("div", { class: "send" }, h("button", {}, words("send")), status), shown);
  return form;
}

function card(entry) {
  const { path, method, operation } = entry;
  const inside = h("div", { class: "inside" });
  const box = h("details", { class: "operation", id: operation.operationId, ontoggle: () => {
    if (box.open && !inside.firstChild) inside.append(...contents(entry));
  } },
  h("summary", {}, h("span", { class: `verb ${method}` }, method.toUpperCase()), h("span", { class: "path" }, path),
    h("span", { class: "words" }, summaryOf(operation))), inside);
  return box;
}

function contents(entry) {
  const { operation } = entry;
  const permission = operation["x-permission"];
  const schema = schemaOf(operation);
  return [
    h("p", {}, h("span", { class: "badge" },
      permission === "public" ? words("public") : `${words("needs")}: ${permission}`)),
    ...(operation.parameters.length ? [h("h3", {}, words("parameters")), parametersOf(operation)] : []),
    ...(schema ? [h("h3", {}, words("body")), h("p", { class: "quiet" }, schema.description ?? ""), fieldsOf(schema)] : []),
    h("h3", {}, words("answer")), answerOf(operation),
    h("h3", {}, words("refusals")), refusalsOf(operation),
    h("h3", {}, words("tryIt")), tryBox(entry),
  ];
}

function matches({ path, method, operation }, text) {
  return `${method} ${path} ${operation.summary} ${operation["x-summary-zh"]}`.toLowerCase().includes(text);
}

function draw() {
  const text = document.querySelector("#find").value.trim().toLowerCase();
  const shown = operations().filter((entry) => matches(entry, text));
  const groups = api.tags.map((tag) => [tag, shown.filter(({ operation }) => operation.tags.includes(tag.name))])
    .filter(([, entries]) => entries.length);
  const nameOf = (tag) => (language === "zh" ? tag["x-name-zh"] : tag.name);
  document.querySelector("nav").replaceChildren(...groups.flatMap(([tag, entries]) => [
    h("h2", {}, nameOf(tag)),
    ...entries.map(({ path, method, operation }) => h("a", { href: `#${operation.operationId}` },
      h("span", { class: `verb ${method}` }, method.toUpperCase()), h("span", {}, path.replace("/api/v1", "")))),
  ]));
  document.querySelector("article").replaceChildren(...groups.map(([tag, entries]) =>
    h("section", {}, h("h2", {}, nameOf(tag)), h("p", {}, language === "en" ? tag.description : ""),
      ...entries.map(card))));
  frame();
  openAddressed();
}

function frame() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.querySelector("#version").textContent = `${api.info.version} · OpenAPI ${api.openapi}`;
  document.querySelector("#find").placeholder = words("find");
  document.querySelector("#language").textContent = words("language");
  const form = document.querySelector("#sign-in");
  form.elements.name.placeholder = words("name");
  form.elements.password.placeholder = words("password");
  form.querySelector("button").textContent = words("signIn");
}

function openAddressed() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  target.open = true;
  target.scrollIntoView();
}

document.querySelector("#sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, password } = Object.fromEntries(new FormData(event.target));
  const response = await fetch("/api/v1/session", {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name, password }),
  });
  const said = await response.json();
  token = said.access_token ?? "";
  const output = event.target.querySelector("output");
  output.className = response.ok ? "good" : "bad";
  output.textContent = response.ok ? words("signedIn") + said.user.name : api["x-errors"][said.code]?.[language] ?? said.message;
});
document.querySelector("#find").addEventListener("input", draw);
document.querySelector("#language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  draw();
});
addEventListener("hashchange", openAddressed);
draw();
