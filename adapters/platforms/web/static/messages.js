// The conversation on the screen: each message has one view, which takes the newest state.
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { AnswerView } from "./answer.js";
import { QuestionView } from "./question.js";

function isOlder(state, than) {
  return state.fence < than.fence || (state.fence === than.fence && state.revision < than.revision);
}

export class MessageLog {
  constructor(element, callbacks) {
    this.element = element;
    this.callbacks = callbacks;
    this.views = new Map();
    // Shown between a question that was accepted and the first sign of its answer.
    this.expectation = h("div", { class: "message answer expected", hidden: true },
      icon("mark", "mark"), h("div", { class: "body" }, h("div", { class: "pill" }, h("span", { class: "spark" }), h("span", { class: "shimmer" }))));
    this.element.append(this.expectation);
  }

  get isEmpty() {
    return this.views.size === 0;
  }

  get last() {
    return [...this.views.values()].at(-1);
  }

  get running() {
    return [...this.views.values()].findLast((view) => view instanceof AnswerView && view.canStop);
  }

  clear() {
    for (const view of this.views.values()) {
      view.dispose();
      view.element.remove();
    }
    this.views.clear();
    this.expectation.hidden = true;
  }

  // Takes a state; an older one than is shown is left aside.
  apply(state) {
    const known = this.views.get(state.id);
    if (!known) {
      const View = state.author === "bot" ? AnswerView : QuestionView;
      const view = new View(state, this.callbacks);
      this.views.set(state.id, view);
      this.element.insertBefore(view.element, this.expectation);
    } else if (!isOlder(state, known.state)) {
      known.update(state);
    }
    this.expect();
    return this.views.get(state.id);
  }

  remove(id) {
    this.views.get(id)?.element.remove();
    this.views.delete(id);
    this.expect();
  }

  expect() {
    const { last } = this;
    const waits = last instanceof QuestionView && last.state.is_final && Date.now() - Date.parse(last.state.created_at) < 60_000;
    this.expectation.hidden = !waits;
    this.expectation.querySelector(".shimmer").textContent = t("working");
  }

  redraw() {
    for (const view of this.views.values()) view.redraw();
    this.expect();
  }
}
