package io.topicstream.gateway.mapping;

import org.jspecify.annotations.Nullable;

/// Something of ours that a template may ask: `$input`, `$util`, the name of a class.
interface TemplateObject {
    /// What a method of it returns; null where there is none of that name, or it has nothing to say.
    @Nullable
    Object call(String method, @Nullable Object[] arguments);

    /// A property of it; null likewise.
    @Nullable
    Object get(String property);
}
