"""The live picture of a network that learns, forward and backward, driven by the student's code."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from traitlets import Bytes, Dict, Float, Int, TraitError, Unicode, validate

from course.classroom.widgets.network_frame import draw_frame
from course.classroom.widgets.network_run import DATA, STARTS, Network, examples, start_weights
from course.classroom.widgets.network_still import still
from course.classroom.widgets.parts import LivePicture, script
from course.classroom.widgets.student import FunctionFailed, follow_all

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RANGES = {
    "learning_rate": (1e-4, 1e2),
    "hidden": (1, 8),
    "seed": (0, 9999),
    "batch": (1, 100),
    "epochs_per_step": (1, 1000),
}
CHOICES = {"data": DATA, "start": STARTS}


def network(
    forward: Callable,
    backward: Callable,
    step: Callable,
    loss: Callable,
    *,
    hidden: tuple[int, ...] = (2,),
    data: str = "xor",
    learning_rate: float = 0.5,
    seed: int = 0,
    start: str = "random",
    batch: int = 100,
    epochs_per_step: int = 1,
) -> "NetworkPicture":
    """The live picture of a network with two inputs, hidden layers and one output.

    The functions get ``parameters``, the tuple (W1, b1, W2, b2, …), W of shape (n_l, n_(l−1)), b of
    shape (n_l, 1), and examples as columns of X and T:
    ``forward(parameters, X)`` returns the activations of the layers 1, 2, …, of shape (n_l, N);
    ``backward(parameters, X, T)`` yields, or returns as a list, δ of the layers from the last to
    the first, (n_l, N); ``step(parameters, X, T, learning_rate)`` returns the new parameters;
    ``loss(parameters, X, T)`` returns a number.

    ``data``: and, or, xor, rings, spiral. ``start``: "random" (uniform in ±1, drawn from ``seed``)
    or "all equal". ``batch``: examples in one update. Whatever the functions do is shown. Raises
    TypeError where one is no function, TraitError for a setting out of its range.
    """
    functions = {"forward": forward, "backward": backward, "step": step, "loss": loss}
    functions = follow_all(functions, "…")
    if not hidden or len(hidden) > 4:
        raise ValueError(f"hidden is {hidden}; give the sizes of one to four hidden layers")
    settings = {"data": data, "learning_rate": float(learning_rate), "seed": seed, "start": start}
    settings |= {"batch": batch, "epochs_per_step": epochs_per_step, "hidden": hidden[0]}
    return NetworkPicture(functions, tuple(hidden[1:]), settings)


class NetworkPicture(LivePicture):
    """The widget that ``network`` returns; its methods do what its buttons do."""

    _esm = script("network.js")

    learning_rate = Float().tag(sync=True)
    hidden = Int().tag(sync=True)  # units in the first hidden layer
    data = Unicode().tag(sync=True)
    start = Unicode().tag(sync=True)
    seed = Int().tag(sync=True)
    batch = Int().tag(sync=True)
    epochs_per_step = Int().tag(sync=True)
    example = Int().tag(sync=True)
    ranges = Dict(RANGES).tag(sync=True)
    choices = Dict(CHOICES).tag(sync=True)
    frame = Dict().tag(sync=True)  # one picture, but for
    shading = Bytes().tag(sync=True)  # its plane, one byte a point

    def __init__(self, functions, further_layers, settings):
        self._functions, self._further = functions, further_layers
        super().__init__(**settings)
        self._before = dict.fromkeys(functions)
        self.reset()
        self.observe(lambda _: self.reset(), ["data", "hidden", "seed", "start"])
        self.observe(self._choose, "example")

    @validate("learning_rate", "hidden", "seed", "batch", "epochs_per_step")
    def _in_range(self, proposal):
        low, high = RANGES[proposal.trait.name]
        if not low <= proposal.value <= high:
            raise TraitError(f"{proposal.trait.name} is {proposal.value}; from {low:g} to {high:g}")
        return proposal.value

    @validate("data", "start")
    def _one_of(self, proposal):
        name, known = proposal.trait.name, CHOICES[proposal.trait.name]
        if proposal.value not in known:
            raise TraitError(f"{name} is {proposal.value!r}; take one of {', '.join(known)}")
        return proposal.value

    def reset(self) -> None:
        """Back to the start weights, with the functions as the notebook defines them now."""
        with self.at_work():
            X, T = examples(self.data, self.seed)
            sizes = [X.shape[0], self.hidden, *self._further, T.shape[0]]
            parameters = start_weights(sizes, self.start, self.seed)
            self._network = Network(self._functions, X, T, parameters)
            self._answers = self._try_all()
            self._do(lambda: self._network.losses.append(self._network.loss()))

    def step(self) -> None:
        """One epoch, or as many as the picture is set to."""

        def epochs():
            self._network.known = len(self._network.sizes) - 1
            for _ in range(self.epochs_per_step):
                self._network.step_epoch(self.learning_rate, self.batch)

        self._do(epochs)

    def step_example(self) -> None:
        """The weights move by the chosen example alone; then the next one is chosen."""
        self._do(lambda: self._network.step_example(self.learning_rate))

    def step_back(self) -> None:
        """δ of one layer more; after the first layer, the weights move."""
        self._do(lambda: self._network.step_back(self.learning_rate))

    def receive(self, content: dict) -> None:
        """A button was pressed."""
        buttons = ("step", "step_example", "step_back", "reset")
        {name: getattr(self, name) for name in buttons}[content["do"]]()

    def after_cell(self) -> None:
        """Begin again if the functions answer otherwise than they did."""
        if self._try_all() != self._answers:
            self.reset()

    def still(self) -> tuple["Figure", str]:
        """The picture as it stands, with all δ that there are."""
        known, self._network.known = self._network.known, len(self._network.sizes) - 1
        frame, shading = draw_frame(self._network, self.learning_rate)
        self._network.known = known
        said = frame["words"]
        return still(frame, shading), f"{said['news']} {said['forward']} {said['backward']}"

    def _do(self, action: Callable[[], None]) -> None:
        with self.at_work():
            network = self._network
            network.failure = None
            try:
                action()
            except FunctionFailed as failure:
                network.failure = failure
            with self.hold_sync():
                self.example = network.example
                self.frame, self.shading = draw_frame(network, self.learning_rate)

    def _choose(self, change) -> None:
        if change.new != self._network.example:
            self._network.example = change.new % self._network.X.shape[1]
            self._do(lambda: None)

    def _try_all(self) -> list[str]:
        """What the four functions make of the start weights, in words that can be compared."""
        parameters = start_weights(self._network.sizes, "random", self.seed)
        trial = Network(self._functions, self._network.X, self._network.T, parameters)
        found = []
        for attempt in (
            lambda: trial.activations(trial.X)[1:],
            lambda: _told(trial.deltas()),
            trial.loss,
            lambda: (trial.update(trial.X, trial.T, 1.0), trial.parameters),
        ):
            try:
                found.append(repr(attempt()))
            except FunctionFailed as failure:
                found.append(repr((failure.title, failure.sentence)))
        return found


def _told(answer: tuple) -> tuple:
    deltas, failure = answer
    return deltas, failure and (failure.title, failure.sentence)
