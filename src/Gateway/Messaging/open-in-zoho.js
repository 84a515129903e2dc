// <script type="module" src="https://platform.example.com/open-in-zoho.js"></script>
// <open-in-zoho href="https://platform.example.com/open/..." label="Open in Zoho"></open-in-zoho>
// A link to a person's record in Zoho CRM. href is the open_url of GET /api/v1/conversations/{id}/link; without one that can be used it is disabled.

const style = `
  :host { display: inline-block; font: 600 14px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
  :host([hidden]) { display: none; }
  a { display: inline-block; padding: 8px 16px; border: 1px solid transparent; border-radius: 8px; text-decoration: none;
    background: var(--open-in-zoho-background, #1c2430); color: var(--open-in-zoho-color, #fff); }
  a:hover { filter: brightness(1.2); }
  a:focus-visible { outline: 3px solid var(--open-in-zoho-focus, #14734a); outline-offset: 2px; }
  a[aria-disabled="true"] { background: transparent; border-color: currentColor; color: GrayText; cursor: not-allowed; filter: none; }
  .new { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

// where the platform is: it has served this script
const home = new URL(import.meta.url).origin;

// null for any address but one that the platform gives: a page that shows what others wrote must not lead just anywhere
function addressOf(href) {
  if (!href) {
    return null;
  }
  let address;
  try {
    address = new URL(href, document.baseURI);
  } catch {
    return null;
  }
  // a page without an origin has "null", as has every address of another scheme
  const known = /^https?:$/.test(address.protocol) && (address.origin === home || address.origin === location.origin);
  return known && !address.username && !address.password && /^\/open\/./.test(address.pathname) ? address.href : null;
}

class OpenInZoho extends HTMLElement {
  static observedAttributes = ["href", "label"];

  #link = document.createElement("a");
  #label = document.createElement("span");
  #inNewTab = document.createElement("span");

  constructor() {
    super();
    const looks = document.createElement("style");
    looks.textContent = style;
    this.#inNewTab.className = "new";
    this.#inNewTab.textContent = " (opens in a new tab)";
    this.#link.append(this.#label, this.#inNewTab);
    this.attachShadow({ mode: "open", delegatesFocus: true }).append(looks, this.#link);
  }

  connectedCallback() {
    this.#show();
  }

  attributeChangedCallback() {
    this.#show();
  }

  #show() {
    this.#label.textContent = this.getAttribute("label") || "Open in Zoho";
    this.#link.setAttribute("role", "link");
    this.#link.setAttribute("part", "link");
    const address = addressOf(this.getAttribute("href"));
    this.#inNewTab.hidden = !address;
    if (address) {
      this.#link.href = address;
      this.#link.target = "_blank";
      this.#link.rel = "noopener noreferrer";
      this.#link.referrerPolicy = "no-referrer";
      this.#link.removeAttribute("aria-disabled");
    } else {
      // a link without an address is passed over by the keyboard, and said to be disabled
      for (const name of ["href", "target", "rel"]) {
        this.#link.removeAttribute(name);
      }
      this.#link.setAttribute("aria-disabled", "true");
    }
  }
}

// a page may load it twice
if (!customElements.get("open-in-zoho")) {
  customElements.define("open-in-zoho", OpenInZoho);
}
