package ai.dialog.model;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** What each package may depend on, as its package-info.java says. */
class ModelLoaderArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter().importPath("target/classes");

    @Test
    void templatesDependOnNothingOfOurs() {
        DescribedPredicate<JavaClass> ours = resideInAPackage("ai.dialog..")
                .and(DescribedPredicate.not(resideInAPackage("ai.dialog.model.template..")));
        noClasses()
                .that()
                .resideInAPackage("ai.dialog.model.template..")
                .should()
                .dependOnClassesThat(ours)
                .check(CLASSES);
    }

    @Test
    void checkpointsDependOnNeitherTorchNorTokenizers() {
        noClasses()
                .that()
                .resideInAPackage("ai.dialog.model.checkpoint..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl..", "ai.dialog.model.torch..", "ai.dialog.model.tokenizer..")
                .check(CLASSES);
    }

    @Test
    void sourcesDoNotDependOnTorch() {
        noClasses()
                .that()
                .resideInAPackage("ai.dialog.model.source..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.dialog.model.torch..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void onlyTorchAndTokenizersUseDjl() {
        noClasses()
                .that(DescribedPredicate.not(
                        resideInAnyPackage("ai.dialog.model.torch..", "ai.dialog.model.tokenizer..")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .check(CLASSES);
    }

    @Test
    void nothingDependsOnSpringOrTheOtherModules() {
        noClasses()
                .should()
                .dependOnClassesThat(
                        resideInAPackage("org.springframework..").or(nameMatching("ai\\.dialog\\.(?!model\\.).*")))
                .check(CLASSES);
    }
}
