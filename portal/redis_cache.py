"""The cache by Redis, which the table in the database stands in for while Redis is silent."""

import logging
from time import monotonic
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0


class RedisOrTable(BaseCache):
    """Counts attempts in Redis; where it fails, in the table `TABLE` describes.

    So a limit holds, and nobody meets an error, while Redis is away; what was counted in
    one place is not known in the other.
    """

    silent_until = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        waits = {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)}
        self.redis = RedisCache(server, {"OPTIONS": waits})
        self.table = DatabaseCache(params["TABLE"]["LOCATION"], params["TABLE"])

    def _ask(self, what: str, *args: Any, **kwargs: Any) -> Any:
        if monotonic() >= self.silent_until:
            try:
                return getattr(self.redis, what)(*args, **kwargs)
            except RedisError as error:
                logger.warning("Redis does not answer the cache: %s", type(error).__name__)
                self.silent_until = monotonic() + PAUSE_SECONDS
        return getattr(self.table, what)(*args, **kwargs)

    def add(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return self._ask("add", key, value, timeout, version)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", key, default, version)

    def set(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        self._ask("set", key, value, timeout, version)

    def touch(
        self,
        key: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return self._ask("touch", key, timeout, version)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._ask("delete", key, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._ask("incr", key, delta, version)

    def clear(self) -> None:
        self._ask("clear")
        self.table.clear()
