// The form that asks for a crawl, and the words for what is wrong with one.

import { HERE, Session } from "./session.js";
import { explain, sentence } from "./words.js";

const NUMBERS = ["limit", "maxDiscoveryDepth"];

export class Form {
  #form;
  #accepted;
  /** The last body and its key: sending the same again after a lost answer finds the crawl that it made. */
  #sent = { body: "", key: "" };

  /** `accepted` receives the session of each crawl that was taken. */
  constructor(form, accepted) {
    this.#form = form;
    this.#accepted = accepted;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    form.addEventListener("input", ({ target }) => this.#blame(target.name, ""));
  }

  /** Puts a start page into the empty box. */
  suggest(url) {
    this.#form.elements.url.value ||= url;
  }

  /** Shows the start page of the crawl that is watched. */
  recall(url) {
    this.suggest(url);
  }

  async #submit() {
    this.#forgive();
    const request = this.#read();
    if (!request) return;
    this.#busy(true);
    try {
      const response = await this.#send(JSON.stringify(request));
      if (response.ok) {
        this.#sent = { body: "", key: "" };
        this.#accepted(Session.fromAnswer(await response.json()), request.url);
      } else {
        await this.#refused(response);
      }
    } catch {
      this.#complain("The service does not answer. Nothing is lost: try again in a moment.");
    } finally {
      this.#busy(false);
    }
  }

  /** The request as filled in, without what is left at its default; null where the page itself knows better. */
  #read() {
    const fields = this.#form.elements;
    const url = complete(fields.url.value.trim());
    if (!url) {
      this.#blame("url", "Type the address of a page, such as https://example.com/.");
      fields.url.focus();
      return null;
    }
    fields.url.value = url;
    const request = { url };
    for (const name of NUMBERS) {
      if (fields[name].validity.badInput) return this.#notANumber(name);
      if (fields[name].value !== "") request[name] = Number(fields[name].value);
    }
    for (const name of ["scope", "onDisconnect"]) request[name] = fields[name].value;
    return request;
  }

  #notANumber(name) {
    this.#blame(name, "Must be a whole number.");
    return null;
  }

  #send(body) {
    if (body !== this.#sent.body) this.#sent = { body, key: randomKey() };
    const headers = { "Content-Type": "application/json", "Idempotency-Key": this.#sent.key };
    const apiKey = this.#form.elements.apiKey.value.trim();
    if (apiKey) headers.Authorization = `Bearer ${apiKey}`;
    return fetch(`${HERE}/v1/crawls`, { method: "POST", headers, body });
  }

  async #refused(response) {
    if (response.status === 401) return this.#askForKey();
    const problem = await response.clone().json().catch(() => ({}));
    const faults = problem.errors ?? [];
    const elsewhere = faults.filter(({ pointer, detail }) => !this.#blame(fieldOf(pointer), sentence(detail)));
    this.#form.querySelector("[aria-invalid=true]")?.focus();
    if (faults.length === 0) this.#complain(await explain(response));
    else if (elsewhere.length) {
      this.#complain(elsewhere.map(({ pointer, detail }) => sentence(`${pointer.slice(1)} ${detail}`)).join(" "));
    }
  }

  #askForKey() {
    const field = this.#form.querySelector("#api-key-field");
    const again = !field.hidden && this.#form.elements.apiKey.value;
    field.hidden = false;
    this.#blame("apiKey", again ? "This service does not know that key." : "This service takes crawls only with an API key.");
    this.#form.elements.apiKey.focus();
  }

  /** Puts `words` next to the field; answers false where there is no such field. */
  #blame(name, words) {
    const field = this.#form.querySelector(`[data-field="${CSS.escape(name)}"]`);
    if (!field) return false;
    const fault = field.querySelector(".fault");
    fault.textContent = words;
    fault.hidden = !words;
    const input = this.#form.elements[name];
    if (words) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    // What is wrong must not hide in the fold.
    if (words && field.closest("details")) field.closest("details").open = true;
    return true;
  }

  #forgive() {
    for (const field of this.#form.querySelectorAll("[data-field]")) this.#blame(field.dataset.field, "");
    this.#complain("");
  }

  #complain(words) {
    const problem = this.#form.querySelector("#problem");
    problem.textContent = words;
    problem.hidden = !words;
  }

  #busy(busy) {
    const button = this.#form.querySelector("#crawl");
    button.disabled = busy;
    button.textContent = busy ? "Submitting…" : "Crawl";
  }
}

/** People type `example.com`; a crawl needs a scheme. */
function complete(text) {
  return text === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
}

/** The field that an RFC 6901 pointer is about. `urls` holds what was typed as `url`. */
function fieldOf(pointer) {
  const name = pointer.split("/")[1] ?? "";
  return name === "urls" ? "url" : name;
}

/** `crypto.randomUUID` exists only where a page is secure; this works on a bare address of the local network too. */
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
