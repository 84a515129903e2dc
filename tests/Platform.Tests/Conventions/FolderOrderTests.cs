using System.Text.RegularExpressions;

namespace ZohoPlatform.Platform.Tests.Conventions;

/// <summary>
/// A service's folders know each other in one direction: what stands in a circle can be understood, moved and tested only as one.
/// </summary>
public sealed partial class FolderOrderTests
{
    private const string Root = "(root)";

    [Theory]
    [InlineData("Gateway")]
    public void Folders_stand_in_no_circle(string service)
    {
        var uses = UsesOf(service);
        Assert.NotEmpty(uses);

        // what knows nobody that is left is in order, and so is what nobody that is left knows
        while (uses.Keys.Where(IsAtAnEnd).ToList() is { Count: > 0 } ordered)
        {
            ordered.ForEach(folder => uses.Remove(folder));
            foreach (var used in uses.Values)
            {
                used.ExceptWith(ordered);
            }
        }

        Assert.Equal("", string.Join('\n', uses.Select(folder => $"{folder.Key} knows {string.Join(", ", folder.Value)}")));

        bool IsAtAnEnd(string folder) => uses[folder].Count == 0 || uses.Values.All(known => !known.Contains(folder));
    }

    [Theory]
    [InlineData("Gateway")]
    public void A_file_has_its_folders_namespace(string service) => Assert.Empty(FilesOf(service)
        .Where(file => file.Folder != Root)
        .Where(file => !Regex.IsMatch(file.Text, $@"^namespace ZohoPlatform\.{service}\.{file.Folder}\b", RegexOptions.Multiline))
        .Select(file => file.Path));

    private static SortedDictionary<string, SortedSet<string>> UsesOf(string service)
    {
        var files = FilesOf(service).ToList();
        // types of the root's namespace are seen everywhere without a using
        var ofRoot = files.Where(file => file.Folder == Root)
            .SelectMany(file => Declared.Matches(file.Text))
            .Select(declared => declared.Groups[1].Value)
            .ToList();
        var used = new Regex($@"^using (?:static |\w+ = )?ZohoPlatform\.{service}\.(\w+)", RegexOptions.Multiline);
        var uses = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!uses.TryGetValue(file.Folder, out var known))
            {
                uses.Add(file.Folder, known = new SortedSet<string>(StringComparer.Ordinal));
            }

            known.UnionWith(used.Matches(file.Text).Select(match => match.Groups[1].Value).Where(folder => folder != file.Folder));
            if (file.Folder != Root && ofRoot.Exists(type => Regex.IsMatch(file.Text, $@"\b{type}\b")))
            {
                known.Add(Root);
            }
        }

        return uses;
    }

    private static IEnumerable<(string Path, string Folder, string Text)> FilesOf(string service)
    {
        var room = $"src/{service}/";
        return Repository.Files
            .Where(file => file.StartsWith(room, StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => (file, file[room.Length..].Split('/') is [var folder, _, ..] ? folder : Root, Repository.Read(file)));
    }

    [GeneratedRegex(@"\b(?:class|record|struct|enum|interface) (\w+)")]
    private static partial Regex Declared { get; }
}
