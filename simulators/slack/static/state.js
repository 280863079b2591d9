// What the page knows of the workspace, and the way to the simulator.

export const find = (id) => document.getElementById(id);
export const state = { workspaces: [], team: "", channel: "", user: "", statuses: new Map(), unread: new Set(), open: "", waiting: [] };
export const workspace = () => state.workspaces.find((found) => found.id === state.team);

export const names = {
  user: (id) => workspace()?.users.find((user) => user.id === id)?.profile.display_name ?? id,
  channel: (id) => workspace()?.channels.find((channel) => channel.id === id)?.name ?? id,
};

export async function post(path, body) {
  const answer = await fetch(`/_sim/${path}`, { method: "POST", body: JSON.stringify(body) });
  const said = await answer.json();
  if (!said.ok) console.warn(path, said);
  return said;
}

export const here = (more) => ({ team: state.team, channel: state.channel, user: state.user, ...more });
