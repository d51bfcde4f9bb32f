package io.topicstream.gateway.mapping;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.velocity.runtime.directive.ForeachScope;
import org.apache.velocity.runtime.directive.StopCommand;
import org.jspecify.annotations.Nullable;

/// The methods and properties that templates may use, by name: those of texts, numbers, truths, arrays,
/// objects and their members, and of [TemplateObject]s. What is not here, or does not fit its arguments, is
/// nothing, as a reference to nothing is.
final class Calls {
    /// The most elements of something that is searched, copied or changed.
    private static final int MAX_ELEMENTS = 1_000_000;

    private Calls() {}

    /// What a method returns.
    ///
    /// @throws TemplateFailure if it would take too much
    static @Nullable Object call(Object value, String method, @Nullable Object[] arguments, Budget budget) {
        budget.step();
        try {
            return switch (value) {
                case TemplateObject ours -> ours.call(method, arguments);
                case String text -> TextCalls.call(text, method, arguments, budget);
                // A map by its class, which is a detail.
                case ForeachScope loop -> ofLoop(loop, method);
                case Map<?, ?> map -> ofMap(map, method, arguments, budget);
                case List<?> list -> ofList(list, method, arguments, budget);
                case Collection<?> all -> ofCollection(all, method, arguments, budget);
                case Map.Entry<?, ?> entry -> ofEntry(entry, method);
                case Number number -> NumberCalls.call(number, method, arguments);
                case Boolean truth -> ofTruth(truth, method, arguments);
                case Iterator<?> iterator -> ofIterator(iterator, method);
                default -> null;
            };
        } catch (ClassCastException
                | NullPointerException
                | IndexOutOfBoundsException
                | UnsupportedOperationException
                | java.util.NoSuchElementException
                | IllegalArgumentException e) {
            // The arguments do not fit.
            return null;
        }
    }

    /// A property.
    static @Nullable Object get(Object value, String property, Budget budget) {
        budget.step();
        if (property.equals("class") && !(value instanceof TemplateObject)) {
            return new TypeName(value.getClass());
        }
        return switch (value) {
            case TemplateObject ours -> ours.get(property);
            case ForeachScope loop -> ofLoop(loop, property);
            case Map<?, ?> map -> map.get(property);
            case Map.Entry<?, ?> entry ->
                switch (property) {
                    case "key" -> entry.getKey();
                    case "value" -> entry.getValue();
                    default -> null;
                };
            case String text -> property.equals("empty") ? text.isEmpty() : null;
            case Collection<?> all -> property.equals("empty") ? all.isEmpty() : null;
            default -> null;
        };
    }

    /// An argument, which must be there.
    static Object argument(@Nullable Object[] arguments, int index) {
        Object argument = arguments[index];
        if (argument == null) {
            throw new IllegalArgumentException("an argument is nothing");
        }
        return argument;
    }

    /// An argument that must be a whole number.
    static int index(@Nullable Object[] arguments, int index) {
        return ((Number) argument(arguments, index)).intValue();
    }

    @SuppressWarnings("unchecked") // Templates only see maps whose keys are texts.
    private static @Nullable Object ofMap(
            Map<?, ?> values, String method, @Nullable Object[] arguments, Budget budget) {
        Map<Object, @Nullable Object> map = (Map<Object, @Nullable Object>) values;
        return switch (method) {
            case "get" -> map.get(argument(arguments, 0));
            case "getOrDefault" -> map.getOrDefault(argument(arguments, 0), arguments[1]);
            case "keySet" -> map.keySet();
            case "entrySet" -> map.entrySet();
            case "values" -> map.values();
            case "size" -> map.size();
            case "isEmpty" -> map.isEmpty();
            case "containsKey" -> map.containsKey(argument(arguments, 0));
            case "containsValue" -> map.containsValue(arguments[0]);
            case "put", "set" -> {
                Values.check(arguments[1], budget);
                yield map.put(argument(arguments, 0).toString(), arguments[1]);
            }
            case "putIfAbsent" -> map.putIfAbsent(argument(arguments, 0).toString(), arguments[1]);
            case "putAll" -> {
                Map<?, ?> more = (Map<?, ?>) argument(arguments, 0);
                bounded(more.size() + map.size());
                map.putAll(more);
                yield "";
            }
            case "remove" -> map.remove(argument(arguments, 0));
            case "clear" -> {
                map.clear();
                yield "";
            }
            default -> ofAny(map, method, arguments, budget);
        };
    }

    @SuppressWarnings("unchecked") // Templates only see lists of anything.
    private static @Nullable Object ofList(List<?> values, String method, @Nullable Object[] arguments, Budget budget) {
        List<@Nullable Object> list = (List<@Nullable Object>) values;
        return switch (method) {
            case "get" -> list.get(index(arguments, 0));
            case "indexOf" -> bounded(list).indexOf(arguments[0]);
            case "lastIndexOf" -> bounded(list).lastIndexOf(arguments[0]);
            case "set" -> {
                Values.check(arguments[1], budget);
                yield list.set(index(arguments, 0), arguments[1]);
            }
            case "add" -> {
                bounded(list);
                Values.check(arguments[arguments.length - 1], budget);
                if (arguments.length == 1) {
                    yield list.add(arguments[0]);
                }
                list.add(index(arguments, 0), arguments[1]);
                yield "";
            }
            case "addAll" -> {
                Collection<?> more = (Collection<?>) argument(arguments, 0);
                bounded((long) more.size() + list.size());
                yield list.addAll(new ArrayList<@Nullable Object>(more));
            }
            case "remove" ->
                argument(arguments, 0) instanceof Integer index
                        ? list.remove((int) index)
                        : (Object) bounded(list).remove(arguments[0]);
            case "subList" -> new ArrayList<>(bounded(list).subList(index(arguments, 0), index(arguments, 1)));
            case "clear" -> {
                list.clear();
                yield "";
            }
            default -> ofCollection(list, method, arguments, budget);
        };
    }

    private static @Nullable Object ofCollection(
            Collection<?> all, String method, @Nullable Object[] arguments, Budget budget) {
        return switch (method) {
            // The documents of API Gateway have `count()`, other Java has not.
            case "size", "count" -> all.size();
            case "isEmpty" -> all.isEmpty();
            case "contains" -> bounded(all).contains(arguments[0]);
            case "containsAll" -> bounded(all).containsAll(bounded((Collection<?>) argument(arguments, 0)));
            case "iterator" -> all.iterator();
            case "toArray" -> new ArrayList<@Nullable Object>(bounded(all));
            default -> ofAny(all, method, arguments, budget);
        };
    }

    private static @Nullable Object ofEntry(Map.Entry<?, ?> entry, String method) {
        return switch (method) {
            case "getKey" -> entry.getKey();
            case "getValue" -> entry.getValue();
            default -> null;
        };
    }

    private static @Nullable Object ofTruth(Boolean truth, String method, @Nullable Object[] arguments) {
        return switch (method) {
            case "booleanValue" -> truth;
            case "toString" -> truth.toString();
            case "equals" -> truth.equals(arguments[0]);
            case "parseBoolean", "valueOf" ->
                Boolean.valueOf(argument(arguments, 0).toString());
            case "compareTo" -> truth.compareTo((Boolean) argument(arguments, 0));
            case "getClass" -> new TypeName(Boolean.class);
            default -> null;
        };
    }

    private static @Nullable Object ofIterator(Iterator<?> iterator, String method) {
        return switch (method) {
            case "hasNext" -> iterator.hasNext();
            case "next" -> iterator.next();
            default -> null;
        };
    }

    private static @Nullable Object ofLoop(ForeachScope loop, String name) {
        return switch (name) {
            case "count", "getCount" -> loop.getCount();
            case "index", "getIndex" -> loop.getIndex();
            case "hasNext", "getHasNext" -> loop.hasNext();
            case "first", "isFirst", "getFirst" -> loop.isFirst();
            case "last", "isLast", "getLast" -> loop.isLast();
            case "parent", "getParent" -> loop.getParent();
            case "topmost", "getTopmost" -> loop.getTopmost();
            case "stop" -> throw new StopCommand("the loop is stopped");
            default -> null;
        };
    }

    private static @Nullable Object ofAny(Object value, String method, @Nullable Object[] arguments, Budget budget) {
        return switch (method) {
            case "toString" -> Values.text(value, budget);
            case "equals" -> value.equals(arguments[0]);
            case "hashCode" -> value.hashCode();
            case "getClass" -> new TypeName(value.getClass());
            default -> null;
        };
    }

    private static <T extends Collection<?>> T bounded(T all) {
        bounded(all.size());
        return all;
    }

    private static void bounded(long elements) {
        if (elements < 0 || elements > MAX_ELEMENTS) {
            throw new TemplateFailure("A list in the template has more than " + MAX_ELEMENTS + " elements.");
        }
    }

    /// The name of a class, which templates compare to see what a value is.
    record TypeName(Class<?> type) implements TemplateObject {
        @Override
        public @Nullable Object call(String method, @Nullable Object[] arguments) {
            return switch (method) {
                case "getName", "toString" -> name();
                case "getSimpleName" -> name().substring(name().lastIndexOf('.') + 1);
                case "equals" -> equals(arguments[0]);
                default -> null;
            };
        }

        @Override
        public @Nullable Object get(String property) {
            return switch (property) {
                case "name" -> name();
                case "simpleName" -> name().substring(name().lastIndexOf('.') + 1);
                default -> null;
            };
        }

        /// As at API Gateway, whose arrays are those of json-smart.
        private String name() {
            return List.class.isAssignableFrom(type) && type.getName().startsWith("io.topicstream")
                    ? "net.minidev.json.JSONArray"
                    : type.getName();
        }

        @Override
        public String toString() {
            return "class " + name();
        }
    }
}
