package io.topicstream.gateway.mapping;

import java.io.Serial;

/// Something in a definition's mappings is not as it must be. Thrown where a definition is loaded.
public final class MappingException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String place;

    MappingException(String place, String what, Throwable cause) {
        super(what, cause);
        this.place = place;
    }

    MappingException(String place, String what) {
        super(what);
        this.place = place;
    }

    /// Which part of the integration, route or model it is, for instance `RequestTemplates['$default'], line
    /// 3`.
    public String place() {
        return place;
    }
}
