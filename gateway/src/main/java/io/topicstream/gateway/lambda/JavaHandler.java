package io.topicstream.gateway.lambda;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/// The method of a Java function: `Class::method`, or a class with a method `handleRequest`. It takes an
/// input of any type that JSON can become, or streams; and a context, if it wants one.
final class JavaHandler {
    private static final String CONTEXT = "com.amazonaws.services.lambda.runtime.Context";

    private final Method method;
    private final @Nullable Object on;
    private final @Nullable JavaType input;
    private final boolean streams;
    private final JsonMapper mapper;

    private JavaHandler(
            Method method, @Nullable Object on, @Nullable JavaType input, boolean streams, JsonMapper mapper) {
        this.method = method;
        this.on = on;
        this.input = input;
        this.streams = streams;
        this.mapper = mapper;
    }

    /// What makes objects of JSON, and JSON of them.
    static JsonMapper mapper() {
        return JsonMapper.builder()
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
                .build();
    }

    /// Finds a handler.
    ///
    /// @param name as a template has it
    /// @param root where the code is: classes, and archives beside them or in `lib`
    static JavaHandler load(String name, String root, JsonMapper mapper)
            throws IOException, ReflectiveOperationException {
        int colons = name.indexOf("::");
        String className = colons < 0 ? name : name.substring(0, colons);
        String methodName = colons < 0 ? "handleRequest" : name.substring(colons + 2);
        ClassLoader loader =
                new URLClassLoader(urls(Path.of(root)).toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        Class<?> type = Class.forName(className, true, loader);
        Method method = Stream.of(type.getMethods())
                .filter(one -> one.getName().equals(methodName) && !one.isBridge() && takes(one))
                .max(Comparator.comparingInt(Method::getParameterCount))
                .orElseThrow(() -> new NoSuchMethodException("No public method named " + methodName
                        + " with appropriate method signature found on class " + className));
        Object on = Modifier.isStatic(method.getModifiers())
                ? null
                : type.getDeclaredConstructor().newInstance();
        method.setAccessible(true);
        Class<?>[] types = method.getParameterTypes();
        boolean streams = types.length >= 2 && types[0] == InputStream.class && types[1] == OutputStream.class;
        @Nullable JavaType input = null;
        if (!streams && types.length > 0 && !isContext(types[0])) {
            JavaType declared = mapper.constructType(type).findSuperType(method.getDeclaringClass());
            input = mapper.getTypeFactory()
                    .resolveMemberType(method.getGenericParameterTypes()[0], declared.getBindings());
        }
        return new JavaHandler(method, on, input, streams, mapper);
    }

    private static boolean takes(Method method) {
        Class<?>[] types = method.getParameterTypes();
        int last = types.length;
        if (last > 0 && isContext(types[last - 1])) {
            last--;
        }
        return last < 2 || (last == 2 && types[0] == InputStream.class && types[1] == OutputStream.class);
    }

    private static boolean isContext(Class<?> type) {
        return type.getName().equals(CONTEXT);
    }

    private static List<URL> urls(Path root) throws IOException {
        List<Path> roots = new ArrayList<>();
        roots.add(root);
        String layers = System.getenv("TOPICSTREAM_JAVA_LAYERS");
        if (layers != null) {
            for (String layer : layers.split(java.io.File.pathSeparator, -1)) {
                roots.add(Path.of(layer));
            }
        }
        List<URL> urls = new ArrayList<>();
        for (Path one : roots) {
            urls.add(one.toUri().toURL());
            addArchives(one, urls);
            addArchives(one.resolve("lib"), urls);
        }
        return urls;
    }

    private static void addArchives(Path folder, List<URL> urls) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".jar")) {
                    urls.add(url(file));
                }
            }
        }
    }

    private static URL url(Path file) throws MalformedURLException {
        return file.toUri().toURL();
    }

    /// Runs it.
    void handle(InputStream in, OutputStream out, JavaContext context)
            throws IOException, ReflectiveOperationException {
        Class<?>[] types = method.getParameterTypes();
        @Nullable Object[] arguments = new Object[types.length];
        int at = 0;
        if (streams) {
            arguments[at++] = in;
            arguments[at++] = out;
        } else if (input != null) {
            arguments[at++] = input.hasRawClass(InputStream.class) ? in : mapper.readValue(in, input);
        }
        if (at < types.length) {
            arguments[at] = context.as(types[at]);
        }
        Object result = method.invoke(on, arguments);
        if (streams) {
            return;
        }
        mapper.writeValue(out, result);
    }
}
