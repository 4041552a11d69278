package ai.dialog.cloud.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The containers with the model.
 *
 * @param compute {@code cpu} (Fargate) or {@code gpu} (EC2 instances); {@code gpu} for prod, else {@code cpu}
 * @param engine what answers: {@code ai-dialog} (our container), {@code vllm}, {@code sglang} or {@code djl};
 *     {@code ai-dialog} unless set
 * @param model the first model: for our container {@code s3://bucket/name.gguf} or a local file that a deployment uploads,
 *     for the others {@code s3://bucket/folder}; must be given
 * @param images where the images come from
 * @param size how large a task and an instance are
 * @param scaling how many tasks, and when
 */
public record TierSettings(
        Compute compute, Engine engine, String model, Images images, Size size, ScalingSettings scaling) {

    /** What a task runs on. */
    public enum Compute {
        /** Fargate, without a GPU. */
        CPU,
        /** EC2 instances with GPUs. */
        GPU
    }

    /** What answers. */
    public enum Engine {
        /** Our container. */
        AI_DIALOG,
        /** vLLM's OpenAI-compatible server. */
        VLLM,
        /** SGLang's. */
        SGLANG,
        /** DJL Serving's, in its LMI image. */
        DJL
    }

    /**
     * Where the images come from.
     *
     * @param image {@code build} (our Dockerfile, built by {@code cdk deploy}), an address in ECR, or a public image, which
     *     {@code cdk deploy} copies into the account, because the network has no way to a public registry; what suits the engine
     *     unless set
     * @param dockerfile our Dockerfile, whose folder's parent is built from; {@code ../local-gpu-runner/Dockerfile} unless set
     * @param syncImage the AWS command line's image, which copies the model from S3; as {@code image}
     */
    public record Images(String image, Path dockerfile, String syncImage) {

        /** What {@code image} says for ours. */
        public static final String BUILD = "build";
    }

    /**
     * How large a task and an instance are.
     *
     * @param instanceType for {@code gpu}: of the families g4dn, g5, g6 and g6e; {@code g6.xlarge} unless set
     * @param gpus GPUs of a task; 1 unless set
     * @param cpuUnits processor shares of a task, 1024 for each virtual core; 4096 unless set, for {@code gpu} 3072
     * @param memoryMib memory of a task; 16,384 unless set, for {@code gpu} 14,336
     * @param maxBatchSize answers at once in one task; 32 unless set
     */
    public record Size(String instanceType, int gpus, int cpuUnits, int memoryMib, int maxBatchSize) {}

    private static final List<String> ENGINES = List.of("ai-dialog", "vllm", "sglang", "djl");

    /** Fargate's sizes up to 16 virtual cores: for each, the least and the most GiB of memory, and the step. */
    private static final List<List<Integer>> FARGATE = List.of(
            List.of(1024, 2, 8, 1),
            List.of(2048, 4, 16, 1),
            List.of(4096, 8, 30, 1),
            List.of(8192, 16, 60, 4),
            List.of(16_384, 32, 120, 8));

    static TierSettings from(Context values, boolean prod) {
        Engine engine = Engine.values()[ENGINES.indexOf(values.choice("engine", "ai-dialog", ENGINES))];
        boolean gpu = values.choice(
                        "compute", prod || engine != Engine.AI_DIALOG ? "gpu" : "cpu", List.of("cpu", "gpu"))
                .equals("gpu");
        if (!gpu && engine != Engine.AI_DIALOG) {
            throw Context.refused("compute", "this engine's image needs a GPU; only ai-dialog runs on cpu");
        }
        return new TierSettings(
                gpu ? Compute.GPU : Compute.CPU,
                engine,
                model(values.given("model"), engine),
                images(values, engine),
                size(values, gpu),
                ScalingSettings.from(values, prod, gpu));
    }

    private static String model(@Nullable String text, Engine engine) {
        if (text == null) {
            throw Context.refused(
                    "model",
                    "must be given, for example -c model=s3://my-bucket/SmolLM2-135M-Instruct.gguf or a local .gguf file;"
                            + " or -c inferenceUrl=https://… for a model server elsewhere");
        }
        if (text.startsWith("s3://")) {
            if (!text.matches("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9!_.*'()/=+-]{1,900}")) {
                throw Context.refused("model", "'" + text + "' is no s3://bucket/key");
            }
            return text;
        }
        if (engine != Engine.AI_DIALOG) {
            throw Context.refused("model", "must be s3://bucket/folder for this engine");
        }
        if (!Files.isRegularFile(Path.of(text))) {
            throw Context.refused("model", "'" + text + "' is neither s3://bucket/key nor a file here");
        }
        return text;
    }

    private static Images images(Context values, Engine engine) {
        String image = switch (engine) {
            case AI_DIALOG -> Images.BUILD;
            case VLLM -> "vllm/vllm-openai:v0.11.0";
            case SGLANG -> "lmsysorg/sglang:v0.5.5";
            case DJL -> "deepjavalibrary/djl-serving:0.34.0-lmi";
        };
        // a tag or a digest must be named: "latest" is another image tomorrow
        String named = "(?!.*:latest$)[a-zA-Z0-9][a-zA-Z0-9._/:-]{1,200}(:[A-Za-z0-9_.-]{1,128}|@sha256:[a-f0-9]{64})";
        String rule = "must be an image with a tag other than latest, or with a digest";
        String asked = values.matching("image", "build|" + named, rule);
        String sync = values.matching("syncImage", named, rule);
        if (Images.BUILD.equals(asked) && engine != Engine.AI_DIALOG) {
            throw Context.refused("image", "'build' makes our container, not this engine");
        }
        Path dockerfile = Path.of(values.text("dockerfile", "../local-gpu-runner/Dockerfile"));
        return new Images(
                asked == null ? image : asked,
                dockerfile,
                sync == null ? "public.ecr.aws/aws-cli/aws-cli:2.31.23" : sync);
    }

    private static Size size(Context values, boolean gpu) {
        String type = values.text("instanceType", "g6.xlarge");
        if (!type.matches("(g4dn|g5|g6|g6e)\\.([248]|12|16|24|48)?xlarge")) {
            throw Context.refused("instanceType", "'" + type + "' is no size of g4dn, g5, g6 or g6e");
        }
        int cpu = values.number("cpuUnits", gpu ? 3072 : 4096, 256, 196_608);
        int memory = values.number("taskMemoryMib", gpu ? 14_336 : 16_384, 1024, 786_432);
        if (!gpu) {
            checkFargate(cpu, memory);
        }
        return new Size(type, values.number("gpus", 1, 1, 8), cpu, memory, values.number("maxBatchSize", 32, 1, 1024));
    }

    private static void checkFargate(int cpu, int memory) {
        for (List<Integer> size : FARGATE) {
            if (size.get(0) == cpu) {
                int step = size.get(3) * 1024;
                if (memory < size.get(1) * 1024 || memory > size.get(2) * 1024 || memory % step != 0) {
                    throw Context.refused(
                            "taskMemoryMib",
                            "Fargate has, with %d units, from %d to %d in steps of %d"
                                    .formatted(cpu, size.get(1) * 1024, size.get(2) * 1024, step));
                }
                return;
            }
        }
        throw Context.refused("cpuUnits", cpu + " is none of 1024, 2048, 4096, 8192, 16384, which Fargate has");
    }
}
