namespace ZohoPlatform.Gateway.Access.Data;

/// <summary>Which of the settings from the environment were applied last, each kind by itself; not applied again until they change, so that later changes by people stay.</summary>
internal sealed class AppliedSettings
{
    public required string Name { get; init; }

    public required byte[] Fingerprint { get; set; }

    public required DateTimeOffset AppliedAt { get; set; }
}
