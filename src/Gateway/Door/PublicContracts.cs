using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using ZohoPlatform.Contracts.Common.V1;

namespace ZohoPlatform.Gateway.Door;

/// <summary>What the contracts offer to others: methods with <c>option (zohoplatform.common.v1.public) = true</c>.</summary>
internal static class PublicContracts
{
    private static readonly FileDescriptor[] Files = [.. FilesOf(typeof(PublicReflection).Assembly)];

    public static IReadOnlyList<MethodDescriptor> Methods { get; } =
        [.. Files.SelectMany(file => file.Services).SelectMany(service => service.Methods).Where(IsPublic)];

    /// <summary>Full names of services that have such methods.</summary>
    public static IReadOnlyList<string> Services { get; } =
        [.. Methods.Select(method => method.Service.FullName).Distinct(StringComparer.Ordinal)];

    /// <summary>The files without what is not offered, and those that they import: what reflection may show.</summary>
    public static IReadOnlyList<FileDescriptor> Shown { get; } = Strip();

    /// <summary>The platform's service that answers: <c>zohoplatform.tokens.v1</c> is <c>tokens</c>.</summary>
    public static string ServiceOf(MethodDescriptor method) => method.File.Package.Split('.')[1];

    public static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";

    private static bool IsPublic(MethodDescriptor method) => method.GetOptions()?.GetExtension(PublicExtensions.Public) == true;

    // generated: a class for each file holds its descriptor
    private static IEnumerable<FileDescriptor> FilesOf(Assembly contracts) => contracts.GetTypes()
        .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static))
        .Where(property => property?.PropertyType == typeof(FileDescriptor))
        .Select(property => (FileDescriptor)property!.GetValue(null)!);

    private static IReadOnlyList<FileDescriptor> Strip()
    {
        var inOrder = new List<FileDescriptor>();
        foreach (var file in Files)
        {
            AddAfterItsImports(file, inOrder);
        }

        var offered = Methods.Select(method => method.FullName).ToHashSet(StringComparer.Ordinal);
        return FileDescriptor.BuildFromByteStrings(
            inOrder.Select(file =>
            {
                var shown = file.ToProto();
                foreach (var service in shown.Service)
                {
                    Keep(service.Method, method => offered.Contains($"{file.Package}.{service.Name}.{method.Name}"));
                }

                Keep(shown.Service, service => service.Method.Count > 0);
                return shown.ToByteString();
            }),
            new ExtensionRegistry { PublicExtensions.Public });
    }

    private static void AddAfterItsImports(FileDescriptor file, List<FileDescriptor> files)
    {
        if (files.Contains(file))
        {
            return;
        }

        foreach (var import in file.Dependencies)
        {
            AddAfterItsImports(import, files);
        }

        files.Add(file);
    }

    private static void Keep<T>(ICollection<T> all, Func<T, bool> isKept)
    {
        foreach (var gone in all.Where(one => !isKept(one)).ToList())
        {
            all.Remove(gone);
        }
    }
}
