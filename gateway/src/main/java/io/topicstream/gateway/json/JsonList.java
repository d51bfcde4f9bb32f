package io.topicstream.gateway.json;

import java.io.Serial;
import java.util.ArrayList;
import java.util.Collection;

/// An array of JSON, which is JSON again as text; a template that prints one relies on it.
public final class JsonList extends ArrayList<Object> {
    @Serial
    private static final long serialVersionUID = 1;

    /// An empty one.
    public JsonList() {}

    /// One with the same elements.
    public JsonList(Collection<?> elements) {
        super(elements);
    }

    @Override
    public String toString() {
        return JsonText.json(this);
    }
}
