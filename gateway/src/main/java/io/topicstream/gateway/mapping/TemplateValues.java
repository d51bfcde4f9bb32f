package io.topicstream.gateway.mapping;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.velocity.util.introspection.Info;
import org.apache.velocity.util.introspection.Uberspect;
import org.apache.velocity.util.introspection.VelMethod;
import org.apache.velocity.util.introspection.VelPropertyGet;
import org.apache.velocity.util.introspection.VelPropertySet;
import org.jspecify.annotations.Nullable;

/// What templates may do with values: the methods that [Calls] names, and no other. Immutable and
/// thread-safe.
///
/// It looks nothing up in classes. So a template cannot reach what a value's class happens to have, be it
/// harmless today.
final class TemplateValues implements Uberspect {
    @Override
    public void init() {
        // There is nothing to.
    }

    @Override
    public @Nullable Iterator<?> getIterator(Object value, Info info) {
        return switch (value) {
            case Map<?, ?> map -> new Elements(map.values().iterator());
            case Collection<?> all -> new Elements(all.iterator());
            case Iterator<?> iterator -> new Elements(iterator);
            case Object[] array -> new Elements(List.of(array).iterator());
            default -> null;
        };
    }

    @Override
    public VelMethod getMethod(Object value, String name, Object[] arguments, Info info) {
        return new Call(name);
    }

    @Override
    public VelPropertyGet getPropertyGet(Object value, String name, Info info) {
        return new Property(name);
    }

    @Override
    public VelPropertySet getPropertySet(Object value, String name, Object to, Info info) {
        return new Property(name);
    }

    /// The elements of a loop, each of which costs a step.
    private record Elements(Iterator<?> inner) implements Iterator<@Nullable Object> {
        @Override
        public boolean hasNext() {
            return inner.hasNext();
        }

        @Override
        public @Nullable Object next() {
            Rendering.current().element();
            return inner.next();
        }
    }

    /// A method by its name, on any value.
    private record Call(String name) implements VelMethod {
        @Override
        public @Nullable Object invoke(Object value, @Nullable Object[] arguments) {
            return Calls.call(value, name, arguments, Rendering.current().budget());
        }

        @Override
        public boolean isCacheable() {
            return true;
        }

        @Override
        public String getMethodName() {
            return name;
        }

        @Override
        public @Nullable Method getMethod() {
            return null;
        }

        @Override
        public Class<?> getReturnType() {
            return Object.class;
        }
    }

    /// A property by its name, of any value.
    private record Property(String name) implements VelPropertyGet, VelPropertySet {
        @Override
        public @Nullable Object invoke(Object value) {
            return Calls.get(value, name, Rendering.current().budget());
        }

        @Override
        @SuppressWarnings("unchecked") // Templates only see maps whose keys are texts.
        public @Nullable Object invoke(Object value, @Nullable Object to) {
            if (to != null && value instanceof Map<?, ?> map) {
                Values.check(to, Rendering.current().budget());
                return ((Map<String, Object>) map).put(name, to);
            }
            return null;
        }

        @Override
        public boolean isCacheable() {
            return true;
        }

        @Override
        public String getMethodName() {
            return name;
        }
    }
}
