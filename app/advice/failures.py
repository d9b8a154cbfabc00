"""Plain words for each kind of failure: what happened, what to do, which actions fit.

Invariant: one function a kind (wire reference 2.2), all in one table, so that a new kind cannot
be forgotten. A kind that covers several causes tells them apart by codes and message.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.advice.card import Action, Advice, Tone
from app.domain import address
from app.domain.errors import NO_KEY, WANTS_ADDRESS, ErrorKind, Failure, Phase
from app.domain.local_servers import LOCAL_PORTS
from app.domain.settings import Service
from app.i18n import tr, trn


def describe(failure: Failure, service: Service | None) -> Advice:
    """Tone, title, text and actions for `failure`, as if nothing of the answer had arrived."""
    return _BY_KIND[failure.kind](failure, service)


def waiting_time(seconds: float) -> str:
    """A span in the largest fitting unit: '45 seconds', '3 minutes', '2 hours'."""
    if seconds < 90:
        return trn("{count} second", "{count} seconds", max(1, math.ceil(seconds)))
    if seconds < 90 * 60:
        return trn("{count} minute", "{count} minutes", math.ceil(seconds / 60))
    return trn("{count} hour", "{count} hours", math.ceil(seconds / 3600))


def _failed(title: str, text: str, *actions: Action) -> Advice:
    return Advice(tone=Tone.FAILED, title=title, text=text, actions=actions)


def _auth(failure: Failure, service: Service | None) -> Advice:
    if NO_KEY in failure.codes:
        return _failed(
            failure.message,
            tr("Nothing was sent. Enter the key, then ask again."),
            Action.ENTER_KEY,
            Action.RETRY,
            Action.SWITCH_SERVICE,
        )
    if failure.http_status is None and not failure.detail:  # the service was not even asked
        return _failed(
            tr("The key could not be used."), failure.message, Action.OPEN_SETTINGS, Action.RETRY
        )
    name = service.name if service is not None and service.name else tr("this service")
    return _failed(
        tr("The key was not accepted."),
        tr("The key of {service} is missing, wrong or expired. Check it.", service=name),
        Action.OPEN_SETTINGS,
        Action.RETRY,
    )


def _permission(failure: Failure, service: Service | None) -> Advice:
    said = _said(failure)
    if "location is not supported" in said:
        return _failed(
            tr("The service is not offered where you are."),
            tr("The key is fine; another service may work."),
            Action.SWITCH_MODEL,
            Action.RETRY,
        )
    if "challenge" in said or "just a moment" in said:
        return _failed(
            tr("A site protection stopped the request."),
            tr("The key was not even looked at. Wait, or ask the service to let programs in."),
            Action.RETRY,
            Action.OPEN_SETTINGS,
        )
    return _failed(
        tr("No access."),
        tr("The key may not use this model or this region."),
        Action.SWITCH_MODEL,
        Action.OPEN_SETTINGS,
        Action.RETRY,
    )


def _billing(failure: Failure, service: Service | None) -> Advice:
    said = _said(failure)
    if "perday" in said or "per day" in said:
        title = tr("The quota of the day is used up.")
        text = tr("Try again tomorrow, choose another model, or add credit.")
    elif "limit: 0" in said:
        title = tr("This model is not part of the free quota.")
        text = tr("Choose another model or set up billing.")
    else:
        title = tr("The credit is used up.")
        text = tr("Add credit at the service, or choose another one.")
    link = service.billing_url if service is not None else ""
    actions = (Action.SWITCH_MODEL, Action.RETRY)
    return Advice(
        tone=Tone.FAILED,
        title=title,
        text=text,
        actions=(Action.OPEN_BILLING, *actions) if link else actions,
        link=link,
    )


def _rate_limit(failure: Failure, service: Service | None) -> Advice:
    if failure.retry_after_s:
        text = tr("Try again in {span}.", span=waiting_time(failure.retry_after_s))
    else:
        text = tr("Wait a little and try again.")
    return _failed(tr("Rate limit reached."), text, Action.RETRY, Action.SWITCH_MODEL)


def _model_not_found(failure: Failure, service: Service | None) -> Advice:
    return _failed(
        tr("The model is not there."),
        tr("It is unknown to the service or retired. Choose another one."),
        Action.SWITCH_MODEL,
        Action.RETRY,
    )


def _not_found(failure: Failure, service: Service | None) -> Advice:
    if failure.url:
        text = tr("Nothing answers chats at {url}. Check address and path.", url=failure.url)
    else:
        text = tr("Check address and path of the service.")
    return _failed(tr("The address is wrong."), text, Action.OPEN_SETTINGS, Action.RETRY)


def _context_length(failure: Failure, service: Service | None) -> Advice:
    return _failed(
        tr("The chat is too long for this model."),
        tr("Leave old turns out of the next question, or choose a model with more room."),
        Action.LEAVE_OUT_OLD_TURNS,
        Action.SWITCH_MODEL,
        Action.RETRY,
    )


def _too_large(failure: Failure, service: Service | None) -> Advice:
    return _failed(
        tr("The attachments are too large."),
        tr("The service takes less in one request. Send smaller or fewer files."),
        Action.SWITCH_MODEL,
        Action.RETRY,
    )


def _blocked(failure: Failure, service: Service | None) -> Advice:
    return Advice(
        tone=Tone.FILTERED,
        title=tr("The provider's filter refused the question."),
        text=tr("Ask differently, or choose another model."),
        actions=(Action.SWITCH_MODEL, Action.RETRY),
    )


def _bad_request(failure: Failure, service: Service | None) -> Advice:
    if WANTS_ADDRESS in failure.codes:
        return _failed(
            tr("This service wants an address."),
            tr(
                "It takes no pictures and videos from this computer. Say where the same file "
                "lies on the web, choose another service, or send the text alone."
            ),
            Action.GIVE_ADDRESS,
            Action.SWITCH_SERVICE,
            Action.SEND_AS_TEXT,
            Action.RETRY,
        )
    if failure.param:
        text = tr("The service does not accept the member {name}.", name=failure.param)
    else:
        text = tr("The service does not accept it in this form.")
    return _failed(
        tr("The request was refused."),
        text,
        Action.SWITCH_MODEL,
        Action.OPEN_SETTINGS,
        Action.RETRY,
    )


def _server(failure: Failure, service: Service | None) -> Advice:
    return _failed(
        tr("The service has a problem."),
        tr("It is not your question. Try again in a moment."),
        Action.RETRY,
        Action.SWITCH_MODEL,
    )


def _overloaded(failure: Failure, service: Service | None) -> Advice:
    if "loading" in _said(failure):
        return _failed(tr("The model is loading."), tr("Try again when it is ready."), Action.RETRY)
    return _failed(
        tr("The service is busy."),
        tr("Try again in a moment, or choose another model."),
        Action.RETRY,
        Action.SWITCH_MODEL,
    )


def _timeout(failure: Failure, service: Service | None) -> Advice:
    if failure.phase is Phase.MID_STREAM:
        return Advice(
            tone=Tone.CUT_OFF, title=tr("The answer stopped coming."), actions=(Action.RETRY,)
        )
    return _failed(
        tr("No answer came in time."),
        tr("Try again, or allow more time in the service's settings."),
        Action.RETRY,
        Action.OPEN_SETTINGS,
    )


def _network(failure: Failure, service: Service | None) -> Advice:
    if failure.phase is Phase.MID_STREAM:
        return _truncated(failure, service)
    url = failure.url or (service.base_url if service is not None else "")
    if address.is_loopback(url):
        return _no_local_server(url)
    said = _said(failure)
    if any(word in said for word in ("certificate", "tls", "ssl")):
        return _failed(
            tr("No secure connection."),
            tr("The certificate of {host} was not accepted.", host=address.host(url))
            if "certificate" in said
            else tr("{host} does not answer encrypted (https).", host=address.host(url)),
            Action.OPEN_SETTINGS,
            Action.RETRY,
        )
    return _failed(
        tr("No connection."),
        tr("{host} cannot be reached. Check the network and the address.", host=address.host(url))
        if url
        else tr("Check the network and the address."),
        Action.RETRY,
        Action.OPEN_SETTINGS,
    )


def _no_local_server(url: str) -> Advice:
    """R70: say which program to start, from the port."""
    port = address.port(url)
    names = [each.name for each in LOCAL_PORTS if each.port == port]
    if names:
        text = tr("Is {program} running? Start it and try again.", program=names[0])
    else:
        text = tr("Is the model server running? Start it and try again.")
    return _failed(
        tr("Nothing answers at {host}.", host=address.host(url)),
        text,
        Action.RETRY,
        Action.FIND_LOCAL_SERVERS,
        Action.OPEN_SETTINGS,
    )


def _truncated(failure: Failure, service: Service | None) -> Advice:
    nobody_hung_up = failure.http_status is None and failure.url is None  # the program was closed
    return Advice(
        tone=Tone.CUT_OFF,
        title=tr("The answer was cut off.") if nobody_hung_up else tr("The connection was lost."),
        text=tr("Nothing of the answer had arrived."),
        actions=(Action.RETRY,),
    )


def _protocol(failure: Failure, service: Service | None) -> Advice:
    if "empty" in _said(failure):
        return _failed(
            tr("The service sent an empty answer."),
            tr("Try again, or choose another model."),
            Action.RETRY,
            Action.SWITCH_MODEL,
        )
    return _failed(
        tr("This is not the kind of server that was expected."),
        tr("Check the address and the API format in the settings."),
        Action.OPEN_SETTINGS,
        Action.RETRY,
    )


def _cancelled(failure: Failure, service: Service | None) -> Advice:
    return Advice(tone=Tone.STOPPED, title=tr("Stopped."), actions=(Action.RETRY,))


def _said(failure: Failure) -> str:
    """What machine words and sentences say, lower case, to tell apart what one kind covers."""
    return " ".join((failure.message, *failure.codes)).lower()


_BY_KIND: Mapping[ErrorKind, Callable[[Failure, Service | None], Advice]] = MappingProxyType(
    {
        ErrorKind.AUTH: _auth,
        ErrorKind.PERMISSION: _permission,
        ErrorKind.BILLING: _billing,
        ErrorKind.RATE_LIMIT: _rate_limit,
        ErrorKind.MODEL_NOT_FOUND: _model_not_found,
        ErrorKind.NOT_FOUND: _not_found,
        ErrorKind.CONTEXT_LENGTH: _context_length,
        ErrorKind.TOO_LARGE: _too_large,
        ErrorKind.BLOCKED: _blocked,
        ErrorKind.BAD_REQUEST: _bad_request,
        ErrorKind.SERVER: _server,
        ErrorKind.OVERLOADED: _overloaded,
        ErrorKind.TIMEOUT: _timeout,
        ErrorKind.NETWORK: _network,
        ErrorKind.TRUNCATED: _truncated,
        ErrorKind.PROTOCOL: _protocol,
        ErrorKind.CANCELLED: _cancelled,
    }
)
