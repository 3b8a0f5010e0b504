"""Send Celery's task events, which Flower shows, in batches.

Celery publishes them as soon as its loop comes round, and waits for Redis each time: two or three
times a job, more than a third of a busy worker's main process.
"""

from __future__ import annotations

from typing import Any

from celery import bootsteps

_EVERY_SECONDS = 0.5


class EventBatches(bootsteps.StartStopStep):
    """A step of Celery's consumer. A batch also leaves when it is full."""

    requires = ("celery.worker.consumer:Events",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._flushing: Any = None

    def include_if(self, consumer: Any) -> bool:
        """Leave workers without an event loop alone: they do not buffer."""
        return consumer.hub is not None

    def start(self, consumer: Any) -> None:
        """Flush now and then, instead of after each event."""
        dispatcher = consumer.event_dispatcher
        dispatcher.on_send_buffered = None
        self._flushing = consumer.timer.call_repeatedly(_EVERY_SECONDS, dispatcher.flush)

    def stop(self, consumer: Any) -> None:
        """Flush what is left."""
        if self._flushing is not None:
            self._flushing.cancel()
            consumer.event_dispatcher.flush()
