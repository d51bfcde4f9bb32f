package io.topicstream.gateway.mapping;

import java.util.HashMap;
import java.util.Map;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.app.event.ReferenceInsertionEventHandler;
import org.apache.velocity.context.AbstractContext;
import org.apache.velocity.runtime.directive.ForeachScope;
import org.jspecify.annotations.Nullable;

/// One rendering of a template: its variables and its budget. Of one thread.
///
/// It restores what Velocity 1.7, which API Gateway runs, does and later versions do not: a `#set` to
/// nothing leaves the variable as it was, and loops have `$velocityCount` and `$velocityHasNext`. As at API
/// Gateway, a reference to nothing is printed as nothing.
final class Rendering extends AbstractContext {
    private static final ThreadLocal<@Nullable Rendering> CURRENT = new ThreadLocal<>();

    private final Map<String, Object> variables = new HashMap<>();
    private final Budget budget;

    /// Whether what is put next is the element of a loop, which may be null.
    private boolean element;

    Rendering(Map<String, Object> variables, Budget budget) {
        this.variables.putAll(variables);
        this.budget = budget;
        EventCartridge events = new EventCartridge();
        ReferenceInsertionEventHandler insertions = (context, reference, value) -> inserted(value);
        events.addReferenceInsertionEventHandler(insertions);
        attachEventCartridge(events);
    }

    /// The one that this thread is at.
    static Rendering current() {
        Rendering current = CURRENT.get();
        if (current == null) {
            throw new IllegalStateException("no template is being rendered on this thread");
        }
        return current;
    }

    /// Makes it the thread's, or nothing.
    static void set(@Nullable Rendering rendering) {
        if (rendering == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(rendering);
        }
    }

    Budget budget() {
        return budget;
    }

    /// The next element of a loop comes.
    void element() {
        budget.step();
        element = true;
    }

    private Object inserted(@Nullable Object value) {
        budget.step();
        if (value == null) {
            return "";
        }
        if (value instanceof org.apache.velocity.runtime.Renderable) {
            return value;
        }
        String text = Values.text(value, budget);
        budget.chars(text.length());
        return text;
    }

    @Override
    public @Nullable Object internalGet(String key) {
        Object value = variables.get(key);
        if (value == null && variables.get("foreach") instanceof ForeachScope loop) {
            return switch (key) {
                case "velocityCount" -> loop.getCount();
                case "velocityHasNext" -> loop.hasNext();
                default -> null;
            };
        }
        return value;
    }

    @Override
    public @Nullable Object internalPut(String key, @Nullable Object value) {
        boolean mayBeNull = element;
        element = false;
        if (value == null) {
            return mayBeNull ? variables.remove(key) : variables.get(key);
        }
        Values.check(value, budget);
        return variables.put(key, value);
    }

    @Override
    public boolean internalContainsKey(String key) {
        return variables.containsKey(key);
    }

    @Override
    public String[] internalGetKeys() {
        return variables.keySet().toArray(String[]::new);
    }

    @Override
    public @Nullable Object internalRemove(String key) {
        return variables.remove(key);
    }

    @Override
    public void pushCurrentMacroName(String name) {
        budget.step();
        super.pushCurrentMacroName(name);
    }
}
