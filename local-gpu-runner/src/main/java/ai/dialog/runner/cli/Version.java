package ai.dialog.runner.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {"ai-dialog " + (version == null ? "(development)" : version), "Java ${java.version}"};
    }
}
