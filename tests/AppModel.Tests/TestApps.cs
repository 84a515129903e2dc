namespace ZohoPlatform.AppModel.Tests;

internal static class TestApps
{
    /// <summary>Beside the app host, which the build tells us about.</summary>
    public static string EchoService { get; } = Path.Combine(Projects.DemoHost.ProjectPath, "..", "EchoService", "EchoService.csproj");
}
