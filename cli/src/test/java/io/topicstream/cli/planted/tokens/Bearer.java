package io.topicstream.cli.planted.tokens;

import io.topicstream.cli.planted.gateway.mapping.Template;

/// Offends: tokens that know more of the gateway than its calls.
public final class Bearer {
    public String name(Object claims) {
        return Template.fill(claims);
    }
}
