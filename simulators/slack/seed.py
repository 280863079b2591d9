"""The workspaces a run begins with: one where the app is installed, one where it is not."""

from simulators.slack.simulation import Installation, Simulation
from simulators.slack.workspace import Channel, User, Workspace

HOME_TEAM = "T0GLIMMER1"
OTHER_TEAM = "T0GLIMMER2"
PEOPLE = (("ALICE", "alice", "Alice Chen"), ("BOBBY", "bob", "Bob Martin"), ("CAROL", "carol", "Carol Díaz"))


def seed(simulation: Simulation) -> None:
    """Fill an empty simulation."""
    _workspace(simulation, HOME_TEAM, "Glimmer Labs", "0")
    _workspace(simulation, OTHER_TEAM, "Second Team", "2")
    config = simulation.config
    simulation.installations[config.bot_token] = Installation(
        config.bot_token, "bot", HOME_TEAM, config.scopes
    )
    app_scopes = ("connections:write",)
    simulation.installations[config.app_token] = Installation(config.app_token, "app", HOME_TEAM, app_scopes)


def _workspace(simulation: Simulation, team: str, name: str, digit: str) -> None:
    bot = f"U{digit}GLIMMERB"
    workspace = Workspace(team, name, name.lower().replace(" ", "-"), bot, f"B{digit}GLIMMERB")
    workspace.users[bot] = User(
        bot, simulation.config.bot_name, simulation.config.bot_name.title(), is_bot=True
    )
    people = [f"U{digit}{key}001" for key, _, _ in PEOPLE]
    for user_id, (_, short, real) in zip(people, PEOPLE, strict=True):
        workspace.users[user_id] = User(user_id, short, real)
    other_bot = f"U{digit}OTHERBOT"
    workspace.users[other_bot] = User(other_bot, "ci", "CI", is_bot=True)
    everybody = {*people, other_bot}
    for channel in (
        Channel(f"C{digit}GENERAL1", "general", "channel", {*everybody, bot}),
        Channel(f"C{digit}RANDOM01", "random", "channel", set(everybody)),
        Channel(f"C{digit}PRIVATE1", "design", "group", {*people, bot}),
        Channel(f"C{digit}SECRET01", "payroll", "group", {people[0]}),
        Channel(f"G{digit}GROUPDM1", "mpdm-alice--bob--glimmer", "mpim", {*people[:2], bot}),
    ):
        workspace.channels[channel.id] = channel
    for person in people:
        workspace.direct_channel(person)
    simulation.workspaces[team] = workspace
