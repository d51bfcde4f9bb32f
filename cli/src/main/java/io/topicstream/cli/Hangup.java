package io.topicstream.cli;

import java.lang.reflect.Proxy;

/// The signal SIGHUP, which would end the process: habits and log rotations send it to programs that read their
/// configuration again.
final class Hangup {
    private Hangup() {}

    /// Has something done at each SIGHUP instead. Nothing where there is no such signal, or where it is ignored
    /// already (`nohup`).
    static void outlive(Runnable instead) {
        try {
            // `sun.misc.Signal`, which the module jdk.unsupported exports for such uses. Called by its name, because
            // javac warns of the class in a way that nothing suppresses.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object onSignal = Proxy.newProxyInstance(
                    Hangup.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (!method.getName().equals("handle")) {
                            return method.invoke(instead, arguments);
                        }
                        instead.run();
                        return null;
                    });
            var _ = signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), onSignal);
        } catch (ReflectiveOperationException e) {
            // There is none here, or the JVM leaves all signals alone (-Xrs): it ends the process as ever.
            return;
        }
    }
}
