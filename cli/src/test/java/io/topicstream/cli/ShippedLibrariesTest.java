package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// What libraries need is shipped with them. Tests alone do not see it: on their class path is what is for
/// tests too.
class ShippedLibrariesTest {
    /// A scope among the managed dependencies holds for what comes with libraries as well: where it says that
    /// one is for tests, it is not in the archive, and the first call of the library that needs it fails.
    @Test
    void nothingThatALibraryNeedsIsManagedAsForTestsOnly() throws Exception {
        Set<String> forTests = new HashSet<>();
        for (Element dependency : dependencies(Files.readAllBytes(root().resolve("pom.xml")))) {
            // The archives of tests are others than those that programs need.
            if (text(dependency, "scope").equals("test")
                    && !text(dependency, "type").equals("test-jar")
                    && dependency.getParentNode().getParentNode().getNodeName().equals("dependencyManagement")) {
                forTests.add(text(dependency, "groupId") + ":" + text(dependency, "artifactId"));
            }
        }
        List<String> wrong = new ArrayList<>();
        int read = 0;
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (part.endsWith(".jar")) {
                try (JarFile jar = new JarFile(part)) {
                    read += needed(jar, forTests, wrong);
                }
            }
        }

        assertThat(forTests).as("the pom was read").isNotEmpty();
        assertThat(read).as("poms of libraries").isGreaterThan(5);
        assertThat(wrong).isEmpty();
    }

    private static int needed(JarFile jar, Set<String> forTests, List<String> wrong) throws Exception {
        int read = 0;
        for (JarEntry entry : jar.stream()
                .filter(each -> each.getName().matches("META-INF/maven/.*/pom.xml"))
                .toList()) {
            read++;
            for (Element dependency : dependencies(jar.getInputStream(entry).readAllBytes())) {
                String name = text(dependency, "groupId") + ":" + text(dependency, "artifactId");
                boolean isNeeded = List.of("", "compile", "runtime").contains(text(dependency, "scope"));
                if (isNeeded && !text(dependency, "optional").equals("true") && forTests.contains(name)) {
                    wrong.add(entry.getName() + " needs " + name);
                }
            }
        }
        return read;
    }

    private static List<Element> dependencies(byte[] pom) throws Exception {
        NodeList found = DocumentBuilderFactory.newNSInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(pom))
                .getElementsByTagName("dependency");
        List<Element> all = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            all.add((Element) found.item(i));
        }
        return all;
    }

    private static String text(Element dependency, String name) {
        NodeList found = dependency.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
    }

    private static Path root() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("cli"))) {
            root = root.getParent();
        }
        return root;
    }
}
