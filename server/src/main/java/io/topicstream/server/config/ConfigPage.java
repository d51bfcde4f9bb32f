package io.topicstream.server.config;

import io.topicstream.settings.Setting;

/// `docs/configuration.md`, made from the table of settings.
public final class ConfigPage {
    private ConfigPage() {}

    /// The page, in Markdown.
    public static String markdown() {
        StringBuilder out = new StringBuilder("""
                # Configuration

                <!-- Made from the table of settings; a test says how to make it again. -->

                A server runs without any configuration. What should be otherwise stands in a file, `topicstream.yaml`:

                ```yaml
                server:
                  port: 9000
                access:
                  tokens:
                    - token: change-me-please
                      user: alice
                      grants:
                        - topics: "news:*"
                          allow: [subscribe, read]
                ```

                Every setting can also be given as a variable of the environment and as a flag. A flag beats a variable, a
                variable beats the file, the file beats the default. As a variable or flag, a list is written with commas
                (`https://a.example,https://b.example`), and tokens, stages and policies as in YAML's or JSON's short form
                (`[{token: change-me-please, user: alice}]`).

                Unknown keys and values that are not allowed stop the start, with every one of them named.
                `topicstream config check` prints what is in force and where each value came from; secrets are left out.
                Variables that an orchestrator sets for a service of our name (`…_SERVICE_HOST`, `…_PORT=tcp://…`) are
                no settings, whatever they are called.

                A server that others can reach (`server.bind` is not a loopback address) starts only if it knows a
                credential: a token in `access.tokens`, an issuer in `access.jwt`, an API key in its store, or a service of yours that
                knows them ([an authorizer](operations.md#callers-that-a-service-of-yours-knows)). A token stands for a `user`, may carry a
                display `name`, and ends at `expires` (an instant such as `2030-12-31T23:59:59Z`). Its `grants` say what
                its bearer may do: `topics` is a topic's name, or the beginning of one and `*`; `allow` lists `publish`,
                `subscribe`, `read`, `presence`, `admin`, `metrics`. Without them it may do everything but `admin` and
                `metrics`. Callers may also show tokens of issuers that `access.jwt` names: [identity](identity.md).

                Callers without a credential are let in from the server's own machine, until something says that the server
                knows its callers or that others reach it. With `access.anonymous: auto` they are turned away as soon as
                there is an API key, a token in `access.tokens` (the example tokens of these documents do not count), an
                issuer in `access.jwt`, `access.authorizer.url`, a proxy in `server.trusted_proxies`, a name in `server.allowed_hosts` that is not
                this machine's, or a `server.bind`
                that is not a loopback address. A request that tells of a proxy (`Forwarded`, `X-Forwarded-…`, `Via`) is
                none from this machine. `on` lets everybody in, `off` nobody.

                `stages` names the paths at which WebSockets are served. Each speaks a `dialect`: `native`
                ([protocol](protocol.md)), `topics` ([the stage /live](protocol.md#the-stage-live)), `chat`
                ([the stage /dev](protocol-chat.md)) or `rooms` ([the stage /staging](protocol-rooms.md)). With `actions: received`
                the frames of the chat dialect are named for those who receive them. `guest_tokens` are texts that callers may show
                as `?token=` and that say nothing: who shows one is a guest, if guests are let in, and is refused if they are not.
                By default `/staging` has those of its clients' examples. With `callers: key` a
                client must show a key or token, even where others need none. `message_bytes` and `frame_bytes` are the
                largest message and WebSocket frame that come from a client (otherwise those of `limits.websocket`);
                `upgrade_deadline` is how long it may take to find out who connects (otherwise
                `limits.http.head_deadline`). `rate` is how many requests all on the stage together may make a second, `burst`
                how many at once ([rates](operations.md#rates-of-requests)); without `rate` there is no limit. A list that is given stands for all of the default, so name `/v1` too:

                ```yaml
                stages:
                  - path: /v1
                    dialect: native
                  - path: /talk
                    dialect: native
                    message_bytes: 4KiB
                    rate: 1000
                ```

                What is to hold for some topics and not for others stands in `policies`. `topics` is a topic's name, or the
                beginning of one and `*`; of several that match, the one that says most of the name counts:

                ```yaml
                policies:
                  - topics: "chat:*"
                    max_message: 4KiB
                  - topics: "chat:hall*"
                    presence: counts
                    keep: {age: 7d, messages: 10000, bytes: 100MiB}
                ```

                What an entry leaves out holds as it would without it. `presence` says what is kept and told of who is in a
                topic: `off` is nothing; with `on_request`, those are seen who ask for it; with `counts`, all who subscribe
                are counted, and only their number is told; with `names`, they are told of by name. Where no entry says
                anything of it, it is `names` for topics that begin with `room:` or `dm:`, and `on_request` for the others.

                `keep` says how long messages are kept: `forever`, or until they reach the first of the limits that are given, an
                age, a number of messages or bytes. Where no entry says so, it is 30 days, or for ever in a store that was made
                by a version without retention: [retention](operations.md#retention).

                What is behind a proxy needs `server.trusted_proxies`: [behind a proxy](operations.md#behind-a-proxy).

                | setting | default | allowed | what it is |
                | --- | --- | --- | --- |
                """);
        for (Setting<?> setting : Settings.ALL) {
            out.append("| `")
                    .append(setting.path())
                    .append("` | ")
                    .append(setting.shownDefault().isEmpty() ? "" : "`" + setting.shownDefault() + "`")
                    .append(" | ")
                    .append(setting.kind().allowed())
                    .append(" | ")
                    .append(setting.description())
                    .append(" |\n");
        }
        out.append("""

                The variable of a setting is its name in capitals, with `TOPICSTREAM_` before it and `_` for each dot:
                `TOPICSTREAM_LIMITS_HTTP_BODY_BYTES` is `limits.http.body_bytes`. Sizes and times are written with their
                unit: `64KiB`, `25s`.
                """);
        return out.toString();
    }
}
