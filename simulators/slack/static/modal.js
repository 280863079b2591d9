// A modal: its blocks, its inputs, and what becomes of them.
import { element, renderBlock } from "./blocks.js";

export function showView(dialog, view, names, post, here) {
  const act = (actionId, value) => post("act/press", here({ view_id: view.id, action_id: actionId, value }));
  const form = element("form", "", element("h2", "", view.title?.text ?? ""));
  for (const block of view.blocks) form.append(block.type === "input" ? input(block, view) : renderBlock(block, names, act));
  const close = element("button", "button", view.close?.text ?? "Close");
  close.type = "button";
  close.addEventListener("click", () => {
    dialog.close();
    post("act/close_view", here({ view_id: view.id }));
  });
  const buttons = element("div", "row", close);
  if (view.submit) buttons.append(element("button", "button primary", view.submit.text));
  form.append(buttons);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = await post("act/submit_view", here({ view_id: view.id, values: values(form), wait_seconds: 3 }));
    const reply = said.deliveries?.[0]?.reply;
    if (!reply?.response_action) dialog.close();
  });
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
}

function input(block, view) {
  const kind = block.element.type;
  const field = block.element.options ? element("select") : element(block.element.multiline ? "textarea" : "input");
  if (block.element.options) field.append(...block.element.options.map((option) => new Option(option.text.text, option.value)));
  if (block.element.initial_option) field.value = block.element.initial_option.value;
  if (block.element.initial_value) field.value = block.element.initial_value;
  if (kind === "number_input") field.type = "number";
  field.dataset.block = block.block_id ?? "";
  field.dataset.action = block.element.action_id ?? "";
  field.dataset.kind = kind;
  field.required = !block.optional;
  const error = view.state?.errors?.[block.block_id];
  return element("label", "", block.label.text, field, error ? element("span", "error", error) : null);
}

function values(form) {
  const found = {};
  for (const field of form.querySelectorAll("[data-action]")) {
    const { block, action, kind } = field.dataset;
    const chosen = field.tagName === "SELECT" ? field.selectedOptions[0] : null;
    const value = chosen
      ? { type: kind, selected_option: { text: { type: "plain_text", text: chosen.text }, value: chosen.value } }
      : { type: kind, value: field.value || null };
    (found[block] ??= {})[action] = value;
  }
  return found;
}
