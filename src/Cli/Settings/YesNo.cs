namespace ZohoPlatform.Cli.Settings;

/// <summary>A switch as people say it.</summary>
internal static class YesNo
{
    public static bool? Of(string? word) => word is null ? null : word == "yes";

    public static string? Of(bool? value) => value switch { null => null, true => "yes", false => "no" };
}
