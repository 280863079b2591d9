// The box in which a person writes, chooses files and types commands.
import { here, post, state, workspace } from "./state.js";

async function encoded(files) {
  const read = (file) =>
    new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done({ name: file.name, mimetype: file.type, content_base64: reader.result.split(",")[1] ?? "" });
      reader.readAsDataURL(file);
    });
  return Promise.all([...files].map(read));
}

async function send(form, threadTs) {
  const area = form.querySelector("textarea");
  const chooser = form.querySelector("[type=file]");
  const text = area.value.trim();
  if (!text && !chooser.files.length) return;
  const command = /^(\/\S+)\s*([\s\S]*)$/.exec(text);
  const channel = workspace().channels.find((found) => found.id === state.channel);
  const mention = channel.kind !== "im" && form.querySelector("[name=mention]").checked;
  const files = await encoded(chooser.files);
  area.value = "";
  chooser.value = "";
  form.querySelector(".chosen").textContent = "";
  if (command) await post("act/slash", here({ command: command[1], text: command[2], thread_ts: threadTs }));
  else await post("act/message", here({ text, typed: true, mention, files, thread_ts: threadTs }));
}

export function wire(form, threadTs) {
  const area = form.querySelector("textarea");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, threadTs);
  });
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send(form, threadTs);
  });
  form.querySelector("[type=file]").addEventListener("change", (event) => {
    form.querySelector(".chosen").textContent = [...event.target.files].map((file) => file.name).join(", ");
  });
}
